/** Remembers what was worked out lately, so that what comes again with every server and every version is not worked out again. */
export interface Memory<V> {
  /** Returns what is remembered of a key; `undefined` where nothing is. */
  readonly recall: (key: string) => V | undefined;
  /** Returns the value, which is remembered from now on; `size` is what it takes, in any unit. */
  readonly keep: (key: string, value: V, size: number) => V;
}

interface Kept<V> {
  readonly value: V;
  readonly size: number;
}

/** Returns an empty memory of at most so much; what was not asked for longest is forgotten first, by halves. */
export function createMemory<V>(most: { readonly entries: number; readonly size: number }): Memory<V> {
  let young = new Map<string, Kept<V>>();
  let old = new Map<string, Kept<V>>();
  let total = 0;
  const put = (key: string, kept: Kept<V>): void => {
    // A hostile server could fill memory with what is too long.
    if (kept.size > most.size / 16) return;
    if (young.size >= most.entries / 2 || total + kept.size > most.size / 2) {
      old = young;
      young = new Map();
      total = 0;
    }
    young.set(key, kept);
    total += kept.size;
  };
  return {
    recall: (key) => {
      const known = young.get(key);
      if (known !== undefined) return known.value;
      const before = old.get(key);
      if (before === undefined) return undefined;
      put(key, before);
      return before.value;
    },
    keep: (key, value, size) => {
      put(key, { value, size });
      return value;
    },
  };
}
