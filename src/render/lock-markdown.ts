import type { LockCheck } from '../model/lock.js';
import { linesToText } from './lines-to-text.js';
import { lockLines } from './lock-lines.js';
import { lockSentence, lockSummary, needsPerson, newsOf } from './lock-words.js';

/** Lines of a diff in a fence are not wrapped by readers. */
const WIDTH = 100;

/** Returns a report as GitHub-flavoured Markdown, for the summary of a job or a comment: what holds, and the diff of what does not. */
export function lockToMarkdown(checks: readonly LockCheck[]): string {
  const differing = checks.filter(({ kind }) => kind === 'changed');
  return [
    '# Sealwatch',
    '',
    `${lockSummary(checks)}.`,
    '',
    '| Server | |',
    '|---|---|',
    ...checks.map((check) => `| ${check.server} | ${cellOf(check)} |`),
    ...differing.flatMap((check) => ['', `## ${check.server}`, '', ...fenced(linesToText(lockLines(check, WIDTH)))]),
    '',
  ].join('\n');
}

function cellOf(check: LockCheck): string {
  const icon = check.kind === 'unchecked' ? '❔' : needsPerson(check) ? '❌' : '✅';
  const sentences = check.kind === 'changed' ? newsOf(check) : [lockSentence(check)];
  return `${icon} ${sentences.map(escapeMarkdown).join('<br>')}`;
}

/** Server text in a cell neither ends it nor makes a link, an image or a tag. */
function escapeMarkdown(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? '').replace(/[\\`*_[\]|!#@~:]/g, '\\$&');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** The fence is longer than any run of backticks in the text. Attack: a description that ends the fence and writes a page of its own. */
function fenced(text: string): readonly string[] {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}diff`, text.trimEnd(), fence];
}
