/** Finds, in one pass over a text, where any of many literals stands in it (Aho and Corasick, 1975). */
export interface LiteralIndex {
  /**
   * Returns pairs of numbers in a row: that of a literal, and the place in the text where it begins; about in the order of these. Upper
   * case is read as lower case. The array is used again for the next text.
   */
  readonly search: (text: string) => readonly number[];
}

/**
 * The rest of a longer literal is compared where its beginning stands: a small table stays in the processor's memory, a large one does not.
 * With 8, or with all of it, the pass took half as long again.
 */
const MAX_INDEXED = 16;

/** Letters beyond ASCII share so many columns. */
const OTHER_COLUMNS = 8;

/** Column 0 is for what stands in no literal. */
const NO_COLUMN = 0;

/** Returns the index of literals in lower case; the number of one is its place. */
export function indexLiterals(literals: readonly string[]): LiteralIndex {
  const beginnings = literals.map((literal) => literal.slice(0, MAX_INDEXED));
  const columns = columnsOf(beginnings);
  const { table, width, outputs } = automatonOf(beginnings, columns);
  const { ascii, count } = columns;
  // What is longer than its beginning, and letters beyond ASCII, which the table tells apart by a few bits only.
  const isLoose = literals.map((literal) => literal.length > MAX_INDEXED || !/^[ -~]*$/.test(literal));
  const hasOutput = Uint8Array.from(outputs, (numbers) => (numbers === undefined ? 0 : 1));
  const lengths = Uint8Array.from(beginnings, ({ length }) => length);
  const found: number[] = [];
  return {
    search: (text) => {
      found.length = 0;
      let lower: string | undefined;
      let state = 0;
      for (let index = 0; index < text.length; index += 1) {
        const code = text.charCodeAt(index);
        const column = code < 128 ? (ascii[code] ?? NO_COLUMN) : count + (code % OTHER_COLUMNS);
        state = table[state * width + column] ?? 0;
        if (hasOutput[state] === 0) continue;
        for (const number of outputs[state] ?? []) {
          const start = index + 1 - (lengths[number] ?? 0);
          if (isLoose[number] === true) {
            lower ??= text.toLowerCase();
            const literal = literals[number] ?? '';
            // Some capitals become two letters: then the places in the two texts are not the same.
            const stands =
              lower.length === text.length
                ? lower.startsWith(literal, start)
                : text.slice(start, start + literal.length).toLowerCase() === literal;
            if (!stands) continue;
          }
          found.push(number, start);
        }
      }
      return found;
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
  const outputs: (number[] | undefined)[] = [undefined];
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
    if (state === 0) continue;
    const own = outputs[state];
    if (own === undefined) outputs[state] = [number];
    else own.push(number);
  }
  const used = table.slice(0, outputs.length * width);
  complete(used, width, outputs);
  return { table: outputs.length <= 0x10000 ? Uint16Array.from(used) : used, width, outputs };
}

/** Every state knows where each letter leads, so that no letter is looked at twice; what its longest suffix ends with, it ends with too. */
function complete(table: Uint32Array, width: number, outputs: (number[] | undefined)[]): void {
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
