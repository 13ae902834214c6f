/** Finds, in one pass over a text, where any of many literals stands in it (Aho and Corasick, 1975). */
export interface LiteralIndex {
  /**
   * Returns pairs of numbers in a row: that of a literal that may end there, and the place behind its end, in the order of these. Upper
   * case is read as lower case; letters beyond ASCII are told apart by a few bits only, so it is for the caller to look. The array is used
   * again for the next text.
   */
  readonly search: (text: string) => readonly number[];
}

/** Letters beyond ASCII share so many columns. */
const OTHER_COLUMNS = 16;

/** Column 0 is for what stands in no literal. */
const NO_COLUMN = 0;

/** Returns the index of literals in lower case; the number of one is its place. */
export function indexLiterals(literals: readonly string[]): LiteralIndex {
  const columns = columnsOf(literals);
  const { table, width, outputs } = automatonOf(literals, columns);
  const ends: number[] = [];
  return {
    search: (text) => {
      ends.length = 0;
      let state = 0;
      for (let index = 0; index < text.length; index += 1) {
        const code = text.charCodeAt(index);
        const column = code < 128 ? (columns.ascii[code] ?? NO_COLUMN) : columns.count + (code % OTHER_COLUMNS);
        state = table[state * width + column] ?? 0;
        const found = outputs[state];
        if (found !== undefined) for (const literal of found) ends.push(literal, index + 1);
      }
      return ends;
    },
  };
}

interface Columns {
  readonly ascii: Uint8Array;
  /** Those that stand for one ASCII letter, and {@link NO_COLUMN}. */
  readonly count: number;
}

function columnsOf(literals: readonly string[]): Columns {
  const ascii = new Uint8Array(128);
  let count = 1;
  for (const code of new Set(literals.flatMap((literal) => Array.from(literal, (letter) => letter.charCodeAt(0))))) {
    if (code >= 128) continue;
    ascii[code] = count;
    count += 1;
  }
  for (let code = 65; code <= 90; code += 1) ascii[code] = ascii[code + 32] ?? NO_COLUMN;
  return { ascii, count };
}

interface Automaton {
  /** The next state, by state and column. */
  readonly table: Uint16Array | Uint32Array;
  readonly width: number;
  /** The literals that end in a state. */
  readonly outputs: readonly (readonly number[] | undefined)[];
}

function automatonOf(literals: readonly string[], columns: Columns): Automaton {
  const width = columns.count + OTHER_COLUMNS;
  const most = literals.reduce((sum, literal) => sum + literal.length, 1);
  const table = new Uint32Array(most * width);
  const outputs: (readonly number[] | undefined)[] = [undefined];
  for (const [number, literal] of literals.entries()) {
    let state = 0;
    for (let index = 0; index < literal.length; index += 1) {
      const code = literal.charCodeAt(index);
      const cell =
        state * width + (code < 128 ? (columns.ascii[code] ?? NO_COLUMN) : columns.count + (code % OTHER_COLUMNS));
      if (table[cell] === 0) {
        table[cell] = outputs.length;
        outputs.push(undefined);
      }
      state = table[cell] ?? 0;
    }
    if (state !== 0) outputs[state] = [...(outputs[state] ?? []), number];
  }
  const used = table.slice(0, outputs.length * width);
  complete(used, width, outputs);
  // Half the size stays in the processor's memory, where it fits.
  return { table: outputs.length <= 0x10000 ? Uint16Array.from(used) : used, width, outputs };
}

/** Every state knows where each letter leads, so that no letter is looked at twice; what its longest suffix ends with, it ends with too. */
function complete(table: Uint32Array, width: number, outputs: (readonly number[] | undefined)[]): void {
  const suffix = new Uint32Array(outputs.length);
  const queue = Array.from(table.subarray(0, width)).filter((state) => state !== 0);
  // Grows while it is gone through.
  for (const state of queue) {
    const shorter = suffix[state] ?? 0;
    const inherited = outputs[shorter];
    if (inherited !== undefined) outputs[state] = [...(outputs[state] ?? []), ...inherited];
    for (let at = 0; at < width; at += 1) {
      const cell = state * width + at;
      const child = table[cell] ?? 0;
      const other = table[shorter * width + at] ?? 0;
      if (child === 0) table[cell] = other;
      else {
        suffix[child] = other;
        queue.push(child);
      }
    }
  }
}
