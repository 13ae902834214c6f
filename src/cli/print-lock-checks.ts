import type { LockCheck, LockPlaces } from '../model/lock.js';
import { lockToGitHub } from '../render/lock-github.js';
import { lockLines } from '../render/lock-lines.js';
import { lockSummary } from '../render/lock-words.js';
import { systemRandom } from './system.js';
import type { Terminal } from './terminal.js';

/** Prints what became of servers that were compared with a lock: every difference in full, and the counts. */
export function printChecks(checks: readonly LockCheck[], terminal: Terminal): void {
  printEach(checks, terminal);
  terminal.line(`${lockSummary(checks)}.`);
}

/**
 * Prints the same for the log of a job of GitHub Actions, with annotations.
 *
 * Attack: a description with a text that a runner takes for a command, wherever in a line it stands. So commands are switched off around
 * server text, until a word that no server can know.
 */
export function printChecksForGitHub(checks: readonly LockCheck[], places: LockPlaces, terminal: Terminal): void {
  const word = Buffer.from(systemRandom.bytes(16)).toString('hex');
  terminal.line(`::stop-commands::${word}`);
  printEach(checks, terminal);
  terminal.line(`::${word}::`);
  for (const annotation of lockToGitHub(checks, places)) terminal.line(annotation);
  terminal.line(`${lockSummary(checks)}.`);
}

function printEach(checks: readonly LockCheck[], terminal: Terminal): void {
  for (const one of checks) {
    terminal.change(lockLines(one, terminal.width));
    if (one.kind === 'changed') terminal.line();
  }
}
