import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import { messageOf, SealwatchError } from '../errors.js';
import { DEFAULT_RULE_SETTINGS, type RuleSettings } from '../model/rule-settings.js';
import { compileRules, ENGINE_VERSION } from '../scan/compile-rules.js';
import { LEARNED_MODEL } from '../scan/engine-findings.js';
import { parseRule } from '../scan/parse-rule.js';
import { parseSignal, type Signal } from '../scan/parse-signal.js';
import type { RulePack } from '../scan/rule-pack.js';
import type { Rule } from '../scan/rule.js';
import { PACKAGE_ROOT } from './package-root.js';

/** The rules of a folder, before settings. */
export interface RuleFiles {
  readonly rules: readonly Rule[];
  readonly signals: readonly Signal[];
}

/** Rules that come with the program. */
export const RULES_FOLDER = join(PACKAGE_ROOT, 'rules');

const MODEL_FILE = join(PACKAGE_ROOT, 'data', 'learned-model.json');

/**
 * Returns the detection rules that come with the program and those of the user, as the settings have them, with the learned model.
 *
 * @throws {SealwatchError} `RULE_INVALID`, also where a setting names a rule that is not there: a mistyped id must not go unnoticed.
 */
export async function loadRules(settings: RuleSettings = DEFAULT_RULE_SETTINGS): Promise<RulePack> {
  const files = await Promise.all([RULES_FOLDER, ...settings.folders].map(readRules));
  const rules = files.flatMap((one) => one.rules);
  refuseUnknown(settings, rules);
  const active = rules.filter(({ id }) => !settings.off.includes(id)).map((rule) => withSeverity(rule, settings));
  const model = settings.off.includes(LEARNED_MODEL) ? undefined : await readModel();
  return compileRules(
    active,
    files.flatMap((one) => one.signals),
    model,
  );
}

/**
 * Returns the rules of a folder: one YAML file each, in folders by class; signals are in `signals/`, and `pack.yml` says which engine
 * they need.
 *
 * @throws {SealwatchError} `RULE_INVALID`, also where there is none at all: a scan without rules would find everything clean.
 */
export async function readRules(folder: string): Promise<RuleFiles> {
  const names = (await listFiles(folder)).filter((name) => /\.ya?ml$/.test(name) && !isPack(name)).sort();
  const [signalNames, ruleNames] = [names.filter(isSignal), names.filter((name) => !isSignal(name))];
  if (ruleNames.length === 0) throw new SealwatchError('RULE_INVALID', `no rules in ${folder}`);
  await checkEngine(folder);
  return {
    rules: await readAll(folder, ruleNames, parseRule),
    signals: await readAll(folder, signalNames, parseSignal),
  };
}

function isPack(name: string): boolean {
  return /^pack\.ya?ml$/.test(name);
}

function isSignal(name: string): boolean {
  return name.startsWith(`signals${sep}`);
}

/** Every mistake of every file is told, a line each. */
async function readAll<T>(
  folder: string,
  names: readonly string[],
  read: (text: string, file: string) => T,
): Promise<readonly T[]> {
  const results = await Promise.allSettled(
    names.map(async (name) => read(await readFile(join(folder, name), 'utf8'), name)),
  );
  const mistakes = results.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []));
  if (mistakes.length > 0) throw new SealwatchError('RULE_INVALID', mistakes.join('\n'));
  return results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

const PACK = z.strictObject({
  name: z.string(),
  version: z.string().regex(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/, { error: 'a version is three numbers: 1.0.0' }),
  engine: z.int(),
});

/** What `pack.yml` of a folder says of its rules. */
export type RulePackInfo = z.infer<typeof PACK>;

/**
 * Returns what `pack.yml` says; `undefined` where a folder has none.
 *
 * @throws {SealwatchError} `RULE_INVALID`
 */
export async function readPackInfo(folder: string): Promise<RulePackInfo | undefined> {
  const name = (await listFiles(folder)).find(isPack);
  if (name === undefined) return undefined;
  const result = PACK.safeParse(parse(await readFile(join(folder, name), 'utf8')) as unknown);
  if (!result.success) {
    throw new SealwatchError('RULE_INVALID', `${name}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  }
  return result.data;
}

async function checkEngine(folder: string): Promise<void> {
  const info = await readPackInfo(folder);
  if (info === undefined || info.engine <= ENGINE_VERSION) return;
  const reason = `${folder} needs rule engine ${info.engine}, this is ${ENGINE_VERSION}; update Sealwatch`;
  throw new SealwatchError('RULE_INVALID', reason);
}

function refuseUnknown({ off, severities }: RuleSettings, rules: readonly Rule[]): void {
  const ids = new Set([...rules.map(({ id }) => id), LEARNED_MODEL]);
  const unknown = [...off, ...severities.keys()].find((id) => !ids.has(id));
  if (unknown !== undefined) {
    const hint = 'sealwatch rules list names all that there are';
    throw new SealwatchError(
      'RULE_INVALID',
      `the configuration names the rule ${unknown}, which is not there; ${hint}`,
    );
  }
  if (severities.has(LEARNED_MODEL)) {
    throw new SealwatchError('RULE_INVALID', `${LEARNED_MODEL} can be switched off, but has no other severity`);
  }
}

function withSeverity(rule: Rule, { severities }: RuleSettings): Rule {
  return { ...rule, severity: severities.get(rule.id) ?? rule.severity };
}

async function readModel(): Promise<string> {
  try {
    return await readFile(MODEL_FILE, 'utf8');
  } catch (cause) {
    throw new SealwatchError('RULE_INVALID', `cannot read the learned model: ${messageOf(cause)}`, { cause });
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder, { recursive: true });
  } catch (cause) {
    throw new SealwatchError('RULE_INVALID', `cannot read the rules: ${messageOf(cause)}`, { cause });
  }
}
