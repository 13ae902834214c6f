import { isAsLocked, type LockCheck } from '../model/lock.js';
import { escapeHtml } from './escape-html.js';
import { linesToText } from './lines-to-text.js';
import { lockCheckLines, lockCheckSummary } from './lock-lines.js';

const WIDTH = 110;

/**
 * Returns a comparison with a lock as JUnit XML, in the form that continuous integration systems read: each server is a test case; one that
 * differs failed, one that could not be checked is an error.
 */
export function lockJunit(checks: readonly LockCheck[]): string {
  const errors = checks.filter(({ kind }) => kind === 'unchecked').length;
  const failures = checks.filter((check) => !isAsLocked(check)).length - errors;
  const counts = `tests="${checks.length}" failures="${failures}" errors="${errors}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sealwatch" ${counts}>`,
    `  <testsuite name="sealwatch check" ${counts}>`,
    ...checks.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(check: LockCheck): string {
  const start = `    <testcase classname="sealwatch.check" name="${check.server}"`;
  if (isAsLocked(check)) return `${start}/>`;
  const element = check.kind === 'unchecked' ? 'error' : 'failure';
  const message = xml(lockCheckSummary(check));
  const text = xml(linesToText(lockCheckLines(check, WIDTH)));
  return `${start}>\n      <${element} message="${message}" type="${check.kind}">${text}</${element}>\n    </testcase>`;
}

/** Lines show control characters as escapes already; what is left that XML 1.0 does not allow cannot be written at all. */
function xml(text: string): string {
  return escapeHtml(text).replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}');
}
