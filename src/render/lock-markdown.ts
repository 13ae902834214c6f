import { isAsLocked, type LockCheck } from '../model/lock.js';
import { counted } from './counted.js';
import { linesToText } from './lines-to-text.js';
import { lockCheckLines, lockCheckSummary } from './lock-lines.js';

/** A summary of a job may be 1 MiB; a server that changed everything must not make it unreadable for the others. */
const MAX_LINES = 1_500;

const WIDTH = 110;

/**
 * Returns a Markdown summary of a comparison with a lock, with the differences.
 *
 * Server text stands only in code blocks, whose fences are longer than any run of backticks in them. Attack: a description that closes the
 * block and goes on with a heading that says that all is well, or with a link or a mention.
 */
export function lockMarkdown(checks: readonly LockCheck[]): string {
  const differing = checks.filter((check) => !isAsLocked(check));
  return [
    `## Sealwatch: ${headline(checks)}`,
    '',
    '| Server | |',
    '|---|---|',
    ...checks.map((check) => `| ${check.server} | ${inTable(check)} |`),
    ...differing.flatMap((check) => ['', `### ${check.server}`, '', ...fenced(check)]),
    '',
  ].join('\n');
}

/** Returns what came of all servers in one sentence. */
export function headline(checks: readonly LockCheck[]): string {
  const unchecked = checks.filter(({ kind }) => kind === 'unchecked').length;
  const differing = checks.filter((check) => !isAsLocked(check)).length - unchecked;
  if (unchecked + differing === 0) return `${counted(checks.length, 'server')} as locked`;
  return [
    ...(differing === 0 ? [] : [`${counted(differing, 'server')} not as locked`]),
    ...(unchecked === 0 ? [] : [`${counted(unchecked, 'server')} could not be checked`]),
  ].join(', ');
}

/** Words of ours alone: what failed is below, in a code block. */
function inTable(check: LockCheck): string {
  return check.kind === 'unchecked' ? `could not be checked: ${check.code}` : lockCheckSummary(check);
}

function fenced(check: LockCheck): readonly string[] {
  const lines = lockCheckLines(check, WIDTH);
  const text = linesToText(lines.slice(0, MAX_LINES));
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const more = lines.length - MAX_LINES;
  return [`${fence}diff`, text.trimEnd(), fence, ...(more > 0 ? [`${more} more lines: run \`sealwatch check\`.`] : [])];
}
