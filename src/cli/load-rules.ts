import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import { compileRules } from '../scan/compile-rules.js';
import { parseRule } from '../scan/parse-rule.js';
import type { RulePack } from '../scan/rule-pack.js';
import { PACKAGE_ROOT } from './package-root.js';

/**
 * Returns the detection rules that come with the program, one YAML file each.
 *
 * @throws {SealwatchError} `RULE_INVALID`, also where there is none at all: a scan without rules would find everything clean.
 */
export async function loadRules(folder = join(PACKAGE_ROOT, 'rules')): Promise<RulePack> {
  const names = (await listFiles(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  if (names.length === 0) throw new SealwatchError('RULE_INVALID', `no rules in ${folder}`);
  const rules = await Promise.all(
    names.map(async (name) => parseRule(await readFile(join(folder, name), 'utf8'), name)),
  );
  return compileRules(rules);
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new SealwatchError('RULE_INVALID', `cannot read the rules: ${messageOf(cause)}`, { cause });
  }
}
