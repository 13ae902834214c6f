import type { BlockLine } from './block.js';
import { wrapText } from './wrap-text.js';
import { proseDiff, type ProsePart } from './prose-diff.js';

/** Unchanged lines that are shown on each side of a change. */
const CONTEXT_LINES = 2;

/** Returns how a text became another, as lines; what is unchanged and far from a change is left out, and says how much. */
export function proseDiffLines(before: string, after: string, width: number): readonly BlockLine[] {
  const parts = proseDiff(before, after);
  return parts.flatMap((part, index) => {
    switch (part.kind) {
      case 'context':
        return contextLines(part, { isFirst: index === 0, isLast: index === parts.length - 1 }, width);
      case 'removed': {
        const other = parts[index + 1];
        return changedLines(part, other?.kind === 'added' ? other : undefined, width);
      }
      case 'added': {
        const other = parts[index - 1];
        return changedLines(part, other?.kind === 'removed' ? other : undefined, width);
      }
    }
  });
}

function changedLines(part: ProsePart, other: ProsePart | undefined, width: number): readonly BlockLine[] {
  const { kind, text } = part;
  const isSpaceOnly = withoutSpace(text) === withoutSpace(other?.text ?? '');
  const lines = isSpaceOnly
    ? wrappedPart({ ...part, text: visibleSpace(text) }, width)
    : wrappedPart(withoutFirstSpace(part), width);
  const isLast = kind === 'added' || other === undefined;
  return [...lines, ...(isLast ? notes(isSpaceOnly, part, other) : [])];
}

function wrappedPart({ kind, text, start }: ProsePart, width: number): readonly BlockLine[] {
  return wrapText(text, width - 2).map((line) => ({
    line: { kind, text: line.text },
    ...(kind === 'removed' ? {} : { end: start + line.end }),
  }));
}

/** The space between this part and the one before it; the line break stands for it. */
function withoutFirstSpace(part: ProsePart): ProsePart {
  return /^ \S/.test(part.text) ? { ...part, text: part.text.slice(1), start: part.start + 1 } : part;
}

function notes(isSpaceOnly: boolean, part: ProsePart, other: ProsePart | undefined): readonly BlockLine[] {
  if (isSpaceOnly && part.text !== other?.text) {
    return [note('(only white space differs here: · is a space, → a tab, ⏎ a line break)')];
  }
  return part.text === other?.text ? [note('(they differ where a secret is masked)')] : [];
}

function note(text: string): BlockLine {
  return { line: { kind: 'note', text } };
}

function withoutSpace(text: string): string {
  return text.replace(/[ \t\n\r]+/g, '');
}

/** One character for one character, so that places stay what they are. */
function visibleSpace(text: string): string {
  return text.replaceAll(' ', '·').replaceAll('\t', '→').replaceAll('\n', '⏎');
}

function contextLines(
  part: ProsePart,
  place: { readonly isFirst: boolean; readonly isLast: boolean },
  width: number,
): readonly BlockLine[] {
  const lines = wrappedPart(withoutFirstSpace(part), width);
  const head = place.isFirst ? 0 : CONTEXT_LINES;
  const tail = place.isLast ? 0 : CONTEXT_LINES;
  const left = lines.length - head - tail;
  if (left <= 1) return lines;
  const omitted: BlockLine = {
    line: { kind: 'note', text: `(${left} unchanged lines)` },
    ...endOf(lines[lines.length - tail - 1]),
  };
  return [...lines.slice(0, head), omitted, ...lines.slice(lines.length - tail)];
}

function endOf(line: BlockLine | undefined): { readonly end?: number } {
  return line?.end === undefined ? {} : { end: line.end };
}
