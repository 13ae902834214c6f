import type { RequestView } from '../model/alert.js';
import type { Line } from './line.js';
import { requestLines } from './request-lines.js';

/** One row of a change shown side by side. */
export type SplitRow =
  /** A line about the change; it is on neither side. */
  | { readonly kind: 'whole'; readonly line: Line }
  /** The same before and after. */
  | { readonly kind: 'same'; readonly line: Line }
  /** What was there, and what is there instead; one side is absent where nothing corresponds to it. */
  | { readonly kind: 'pair'; readonly left: Line | undefined; readonly right: Line | undefined };

/** Returns what {@link requestLines} does, before on the left and after on the right: the same lines, none left out. */
export function splitLines(view: RequestView, options: { readonly width: number }): readonly SplitRow[] {
  return toRows(requestLines(view, options));
}

/** Returns lines as rows: removed lines stand beside the added ones that follow them, in order. */
export function toRows(lines: readonly Line[]): readonly SplitRow[] {
  const rows: SplitRow[] = [];
  const waiting: Line[] = [];
  const flush = (): void => {
    for (const left of waiting.splice(0)) rows.push({ kind: 'pair', left, right: undefined });
  };
  for (const [index, line] of lines.entries()) {
    switch (line.kind) {
      case 'removed':
        // What was removed after something was added belongs to the next difference.
        if (isNextDifference(lines, index)) flush();
        waiting.push(line);
        break;
      case 'added':
        rows.push({ kind: 'pair', left: waiting.shift(), right: line });
        break;
      case 'finding':
        // It stands among added lines whose counterparts still wait: they are not done yet.
        if (!isAmongAdded(lines, index)) flush();
        rows.push({ kind: 'whole', line });
        break;
      case 'context':
        flush();
        rows.push({ kind: 'same', line });
        break;
      case 'title':
      case 'text':
      case 'note':
      case 'blank':
        flush();
        rows.push({ kind: 'whole', line });
    }
  }
  flush();
  return rows;
}

function isNextDifference(lines: readonly Line[], index: number): boolean {
  return lines[index - 1]?.kind !== 'removed';
}

function isAmongAdded(lines: readonly Line[], index: number): boolean {
  return nextOtherThanFinding(lines, index)?.kind === 'added';
}

function nextOtherThanFinding(lines: readonly Line[], index: number): Line | undefined {
  return lines.slice(index).find(({ kind }) => kind !== 'finding');
}
