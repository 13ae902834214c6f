import type { LockCheck } from '../model/lock.js';
import { lockToGitHub } from '../render/lock-github.js';
import { lockToJUnit } from '../render/lock-junit.js';
import { lockToMarkdown } from '../render/lock-markdown.js';
import { lockToSarif } from '../render/lock-sarif.js';
import { lockSummary } from '../render/lock-words.js';
import { packageVersion } from './package-root.js';
import type { Terminal } from './terminal.js';

export const LOCK_FORMATS = ['github', 'junit', 'sarif', 'markdown'] as const;

export type LockFormat = (typeof LOCK_FORMATS)[number];

/** Prints a report in one of the formats that other programs read. `lockFile` is as the repository names it. */
export function printReport(
  checks: readonly LockCheck[],
  { format, lockFile }: { readonly format: LockFormat; readonly lockFile: string },
  terminal: Terminal,
): void {
  const uri = lockFile.replaceAll('\\', '/');
  switch (format) {
    case 'github':
      terminal.line(`${lockToGitHub(checks, uri)}${lockSummary(checks)}.`);
      return;
    case 'junit':
      terminal.line(lockToJUnit(checks).trimEnd());
      return;
    case 'markdown':
      terminal.line(lockToMarkdown(checks).trimEnd());
      return;
    case 'sarif':
      terminal.json(lockToSarif(checks, { version: packageVersion(), lockFile: uri }));
  }
}
