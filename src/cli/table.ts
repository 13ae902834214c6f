/** One cell; `shown` is what is printed where it holds colours, which have no width. */
export interface Cell {
  readonly text: string;
  readonly shown?: string;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

const GAP = '  ';

/**
 * Returns a table as lines that fit the width; what is too long for the last column goes on below it. A row of only two
 * cells has the second one span all other columns.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
): readonly string[] {
  const header = columns.map(({ title }) => ({ text: title }));
  const last = columns.length - 1;
  const widths = columns.map((_, index) => widthOf(index, [header, ...rows], columns.length));
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + GAP.length, 0);
  const room = Math.max(width - before, 20);
  return [header, ...rows].flatMap((row) => {
    if (row.length === 2 && columns.length > 2) return spanned(row, widths[0] ?? 0, width);
    const start = columns.slice(0, last).map((column, index) => pad(row[index], widths[index] ?? 0, column.align));
    const [first = '', ...more] = lastCell(row[last], room);
    return [[...start, first].join(GAP).trimEnd(), ...more.map((line) => `${' '.repeat(before)}${line}`)];
  });
}

function widthOf(index: number, rows: readonly (readonly Cell[])[], columns: number): number {
  const inColumn = rows.filter((row) => index === 0 || row.length === columns);
  return Math.max(...inColumn.map((row) => row[index]?.text.length ?? 0));
}

function spanned([first, rest]: readonly Cell[], firstWidth: number, width: number): readonly string[] {
  const indent = firstWidth + GAP.length;
  const [start = '', ...more] = lastCell(rest, Math.max(width - indent, 20));
  return [`${pad(first, firstWidth, undefined)}${GAP}${start}`, ...more.map((line) => `${' '.repeat(indent)}${line}`)];
}

/** Returns text broken at spaces into lines of at most `width` characters; a longer word is broken too. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pad(cell: Cell | undefined, width: number, align: Column['align']): string {
  const { text, shown = text } = cell ?? { text: '' };
  const space = ' '.repeat(Math.max(width - text.length, 0));
  return align === 'right' ? `${space}${shown}` : `${shown}${space}`;
}

function lastCell(cell: Cell | undefined, room: number): readonly string[] {
  const { text, shown = text } = cell ?? { text: '' };
  if (text.length <= room) return [shown];
  // A colour is put around each line of a long cell by taking it apart at the text.
  const [on = '', off = ''] = shown === text ? [] : shown.split(text);
  return wrap(text, room).map((line) => `${on}${line}${off}`);
}

function pieces(word: string, width: number): readonly string[] {
  if (word.length <= width) return [word];
  return Array.from({ length: Math.ceil(word.length / width) }, (_, index) =>
    word.slice(index * width, (index + 1) * width),
  );
}
