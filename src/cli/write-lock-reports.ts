import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import type { LockCheck, LockPlaces } from '../model/lock.js';
import { lockToJUnit } from '../render/lock-junit.js';
import { lockToMarkdown } from '../render/lock-markdown.js';
import { lockToSarif } from '../render/lock-sarif.js';
import type { Cli } from './cli.js';
import { packageVersion } from './package-root.js';
import { replaceFile } from './replace-file.js';

/** Which reports are wanted, and in which files. */
export interface LockReports {
  readonly junit?: string;
  readonly sarif?: string;
  readonly markdown?: string;
  /** Annotations in the log of the job, and the Markdown in its summary. */
  readonly github?: true;
}

/**
 * Writes the reports that other programs read.
 *
 * @throws {SealwatchError} `USAGE` where a file cannot be written
 */
export function writeLockReports(
  checks: readonly LockCheck[],
  { junit, sarif, markdown, github }: LockReports,
  places: LockPlaces,
  cli: Cli,
): void {
  const write = (file: string, text: string): void => {
    tryToWrite(file, () => {
      replaceFile(resolve(cli.io.cwd(), file), text);
    });
  };
  if (junit !== undefined) write(junit, lockToJUnit(checks));
  if (markdown !== undefined) write(markdown, lockToMarkdown(checks));
  if (sarif !== undefined) {
    const log = lockToSarif(checks, { version: packageVersion(), places });
    write(sarif, `${JSON.stringify(log, undefined, 2)}\n`);
  }
  const summary = cli.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (github !== true || summary === '') return;
  tryToWrite(summary, () => {
    appendFileSync(summary, lockToMarkdown(checks));
  });
}

function tryToWrite(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new SealwatchError('USAGE', `cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}
