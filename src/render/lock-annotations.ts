import { isAsLocked, type LockCheck } from '../model/lock.js';
import { lockCheckSummary } from './lock-lines.js';
import { oneLine } from './one-line.js';
import { summariseChange } from './summarise-change.js';

/** Where a reference stands in the file that is shown, from 1. */
export interface AnnotatedFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Returns workflow commands for GitHub that show each difference beside its place in the lock.
 *
 * All text is escaped as these commands want it. Attack: a name with a line break, and `::set-env` behind it.
 */
export function lockAnnotations(checks: readonly LockCheck[], file: AnnotatedFile): readonly string[] {
  return checks
    .filter((check) => !isAsLocked(check))
    .flatMap((check) => [
      annotation(file, `"${check.server}": {`, check.server, lockCheckSummary(check)),
      ...changesOf(check, file),
    ]);
}

function changesOf(check: LockCheck, file: AnnotatedFile): readonly string[] {
  if (check.kind !== 'compared' || check.view === undefined) return [];
  return check.view.request.changes.map((change) => {
    const place = JSON.stringify(change.renamedFrom ?? change.refText);
    const title = `${check.server}: ${change.urgency} (${change.class})`;
    return annotation(file, place, title, `${summariseChange(change)}: ${oneLine(change.because)}`);
  });
}

function annotation({ path, text }: AnnotatedFile, place: string, title: string, message: string): string {
  const index = text.indexOf(place);
  const line = index === -1 ? 1 : text.slice(0, index).split('\n').length;
  return `::error file=${property(path)},line=${line},title=${property(title)}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
