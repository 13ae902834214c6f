import { randomBytes } from 'node:crypto';

import type { LockCheck } from '../model/lock.js';
import { linesToText } from '../render/lines-to-text.js';
import { type AnnotatedFile, lockAnnotations } from '../render/lock-annotations.js';
import { lockCheckLines } from '../render/lock-lines.js';
import { headline } from '../render/lock-markdown.js';

/**
 * Returns the log of a job at GitHub: every difference in full, then the annotations.
 *
 * Attack: a description with a line such as `##[add-path]…`, which the runner takes for a command wherever it stands in a line. So commands are
 * switched off around server text, with a word that no server can know.
 */
export function gitHubLines(checks: readonly LockCheck[], file: AnnotatedFile, width: number): readonly string[] {
  const word = randomBytes(16).toString('hex');
  return [
    `::stop-commands::${word}`,
    ...checks.map((check) => linesToText(lockCheckLines(check, width)).trimEnd()),
    `::${word}::`,
    ...lockAnnotations(checks, file),
    `${headline(checks)}.`,
  ];
}
