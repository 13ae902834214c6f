import type { RequestView } from '../model/alert.js';
import { CHANGE_CLASSES, type ClassifiedChange } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import { changeLines } from './change-lines.js';
import { findingLines } from './finding-lines.js';
import { blankLine, type Line } from './line.js';
import { maskSecrets } from './mask-secrets.js';
import { oneLine } from './one-line.js';
import { reviewLines } from './review-lines.js';

export type { Line } from './line.js';

/**
 * Returns what an approver sees of a change request: for each change what it means, and the exact difference with findings beside
 * the lines that caused them. Nothing is left out but unchanged text, unless `maxLines` says so; then the last line tells how much.
 *
 * Lines are at most about `width` characters long with their sign.
 */
export function requestLines(
  view: RequestView,
  options: { readonly width: number; readonly maxLines?: number },
): readonly Line[] {
  const { request } = view;
  const lines = [
    titleLine(view),
    ...request.changes.flatMap((change) => [blankLine(), ...changeLines(change, view, options.width)]),
    ...reviewLines(view, options.width),
    ...unchangedFindings(request, options.width),
  ].map((line) => ({ ...line, text: maskSecrets(line.text) }));
  return options.maxLines === undefined ? lines : cut(lines, options.maxLines);
}

function titleLine({ request }: RequestView): Line {
  const { server, id, urgency, changes } = request;
  const summary = changes.length === 0 ? unchangedSummary(request) : classSummary(changes);
  return { kind: 'title', text: `${server}: change request ${id}, ${urgency}: ${summary}`, urgency };
}

function unchangedSummary({ review }: RequestView['request']): string {
  if (review.length === 0) return 'findings to review';
  return review.length === 1 ? 'one approval to look at again' : `${review.length} approvals to look at again`;
}

/** `1 instruction, 3 wording`, most urgent class first. */
function classSummary(changes: readonly ClassifiedChange[]): string {
  return CHANGE_CLASSES.map((name) => ({ name, count: changes.filter((change) => change.class === name).length }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`)
    .join(', ');
}

/** Findings on definitions that did not change: the rules are new, not the text. */
function reviewed(findings: readonly Finding[], changes: readonly ClassifiedChange[]): readonly Finding[] {
  const changed = new Set(changes.map(({ refText, after }) => `${refText} ${after ?? ''}`));
  return findings.filter(({ refText, version }) => !changed.has(`${refText} ${version}`));
}

/** Returns what was found in definitions that are as they were. */
export function unchangedFindings(
  request: { readonly findings: readonly Finding[]; readonly changes: readonly ClassifiedChange[] },
  width: number,
): readonly Line[] {
  const findings = reviewed(request.findings, request.changes);
  if (findings.length === 0) return [];
  return [
    blankLine(),
    { kind: 'title', text: 'Found in definitions that did not change' },
    ...findings.flatMap((finding): readonly Line[] => [
      {
        kind: 'text',
        text: `${oneLine(finding.refText)}${finding.pointer === '' ? '' : ` at ${oneLine(finding.pointer)}`}`,
      },
      ...findingLines(finding, width),
    ]),
  ];
}

function cut(lines: readonly Line[], maxLines: number): readonly Line[] {
  if (lines.length <= maxLines) return lines;
  const more = lines.length - maxLines;
  return [
    ...lines.slice(0, maxLines),
    { kind: 'note', text: `${more} more lines: read them on the page before you decide` },
  ];
}
