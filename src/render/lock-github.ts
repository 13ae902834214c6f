import type { LockCheck } from '../model/lock.js';
import { makeVisible } from '../quote.js';
import { lockSentence, newsOf } from './lock-words.js';

/** Returns a report as workflow commands of GitHub Actions, a line for each difference; none where all is as locked. */
export function lockToGitHub(checks: readonly LockCheck[], lockFile: string): readonly string[] {
  return checks.flatMap((check) => annotationsOf(check, lockFile));
}

function annotationsOf(check: LockCheck, lockFile: string): readonly string[] {
  switch (check.kind) {
    case 'as-locked':
      return [];
    case 'changed':
      return newsOf(check).map((text) => annotation(levelOf(text), `${check.server} is not as locked`, text, lockFile));
    case 'not-locked':
    case 'not-configured':
    case 'disabled':
    case 'unchecked':
      return [annotation('error', check.server, `${check.server} ${lockSentence(check)}`, lockFile)];
  }
}

function levelOf(sentence: string): 'error' | 'warning' {
  return /^(critical|high):/.test(sentence) ? 'error' : 'warning';
}

function annotation(level: 'error' | 'warning', title: string, text: string, file: string): string {
  return `::${level} file=${escapeProperty(file)},title=${escapeProperty(title)}::${escapeData(makeVisible(text))}`;
}

/** Attack: a line break in server text that starts a workflow command of its own. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
