import type { LockCheck } from '../model/lock.js';
import { escapeHtml } from './escape-html.js';
import { linesToText } from './lines-to-text.js';
import { lockLines } from './lock-lines.js';
import { lockSentence, needsPerson } from './lock-words.js';

const WIDTH = 100;

/** Returns a report as JUnit XML: a test case for each server; one that differs failed, one that could not be checked is an error. */
export function lockToJUnit(checks: readonly LockCheck[]): string {
  const failures = checks.filter(needsPerson).length;
  const errors = checks.filter(({ kind }) => kind === 'unchecked').length;
  const counts = `tests="${checks.length}" failures="${failures}" errors="${errors}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sealwatch check" ${counts}>`,
    `  <testsuite name="sealwatch check" ${counts}>`,
    ...checks.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(check: LockCheck): string {
  const name = `    <testcase classname="sealwatch" name="${escapeHtml(check.server)}"`;
  if (check.kind === 'as-locked') return `${name}/>`;
  const element = check.kind === 'unchecked' ? 'error' : 'failure';
  const message = escapeHtml(lockSentence(check));
  const text = escapeHtml(linesToText(lockLines(check, WIDTH)));
  return `${name}>\n      <${element} message="${message}" type="${check.kind}">${text}</${element}>\n    </testcase>`;
}
