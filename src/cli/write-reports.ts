import { appendFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import type { LockCheck } from '../model/lock.js';
import { lockJunit } from '../render/lock-junit.js';
import { lockMarkdown } from '../render/lock-markdown.js';
import { lockSarif } from '../render/lock-sarif.js';
import type { RulePack } from '../scan/rule-pack.js';
import type { Cli } from './cli.js';
import { packageVersion } from './package-root.js';

/** Which reports are wanted, and where. */
export interface ReportOptions {
  readonly sarif?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly github?: true;
}

/** @throws {SealwatchError} `USAGE` where a file cannot be written */
export function writeReports(checks: readonly LockCheck[], options: ReportOptions, cli: Cli, pack: RulePack): void {
  const { sarif, junit, markdown, github } = options;
  const write = (file: string, text: string): void => {
    tryToWrite(file, () => {
      writeFileSync(resolve(cli.io.cwd(), file), text);
    });
  };
  const rules = pack.rules.filter(({ scope }) => scope.includes('definition'));
  if (sarif !== undefined)
    write(sarif, `${JSON.stringify(lockSarif(checks, rules, packageVersion()), undefined, 2)}\n`);
  if (junit !== undefined) write(junit, lockJunit(checks));
  if (markdown !== undefined) write(markdown, lockMarkdown(checks));
  const summary = cli.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (github === undefined || summary === '') return;
  tryToWrite(summary, () => {
    appendFileSync(summary, lockMarkdown(checks));
  });
}

function tryToWrite(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new SealwatchError('USAGE', `cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}
