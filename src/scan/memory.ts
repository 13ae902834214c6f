/** Remembers what was worked out lately, so that what comes again with every server and every version is not worked out again. */
export interface Memory<V> {
  /** Returns what is remembered of a key, and else what `find` returns, which takes so much. */
  readonly recall: (key: string, sizeOf: (value: V) => number, find: () => V) => V;
}

/** Returns an empty memory of at most so much; what was not asked for longest is forgotten first, by halves. */
export function createMemory<V>(most: { readonly entries: number; readonly size: number }): Memory<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  let size = 0;
  const keep = (key: string, value: V, more: number): void => {
    if (young.size >= most.entries / 2 || size + more > most.size / 2) {
      old = young;
      young = new Map();
      size = 0;
    }
    young.set(key, value);
    size += more;
  };
  return {
    recall: (key, sizeOf, find) => {
      const known = young.get(key);
      if (known !== undefined) return known;
      const value = old.get(key) ?? find();
      const more = sizeOf(value);
      // A hostile server could fill memory with what is too long.
      if (more <= most.size / 16) keep(key, value, more);
      return value;
    },
  };
}
