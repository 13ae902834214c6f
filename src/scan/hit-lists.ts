import type { Span } from './span.js';

/**
 * Lists of places in one text, one list to a slot. They are kept in arrays that are used again for the next text: most places that are
 * noted are never asked for, and an object for each would cost more than finding it.
 */
export interface HitLists {
  /** Forgets everything. */
  readonly clear: () => void;
  readonly add: (slot: number, start: number, end: number) => void;
  readonly countOf: (slot: number) => number;
  /** The slots that have a place. */
  readonly slots: () => readonly number[];
  /** The places of one slot, in the order in which they were added. */
  readonly spansOf: (slot: number) => readonly Span[];
}

/** What is kept of the largest text: the arrays do not shrink by themselves. */
const MAX_KEPT = 64 * 1024;

/** Returns empty lists for so many slots. */
export function hitLists(slots: number): HitLists {
  const counts = new Uint32Array(slots);
  const last = new Uint32Array(slots);
  const used: number[] = [];
  let size = 0;
  // Of each place: its start, its end, and the place before it in the list of its slot.
  let places = new Uint32Array(3 * 1024);
  return {
    clear: () => {
      for (const slot of used) counts[slot] = 0;
      used.length = 0;
      size = 0;
      if (places.length > 3 * MAX_KEPT) places = new Uint32Array(3 * 1024);
    },
    add: (slot, start, end) => {
      const before = counts[slot] ?? 0;
      if (before === 0) used.push(slot);
      counts[slot] = before + 1;
      if (3 * size === places.length) {
        const larger = new Uint32Array(places.length * 2);
        larger.set(places);
        places = larger;
      }
      places[3 * size] = start;
      places[3 * size + 1] = end;
      places[3 * size + 2] = last[slot] ?? 0;
      last[slot] = size;
      size += 1;
    },
    countOf: (slot) => counts[slot] ?? 0,
    slots: () => used,
    spansOf: (slot) => {
      const spans: Span[] = [];
      let place = last[slot] ?? 0;
      for (let left = counts[slot] ?? 0; left > 0; left -= 1) {
        spans.push({ start: places[3 * place] ?? 0, end: places[3 * place + 1] ?? 0 });
        place = places[3 * place + 2] ?? 0;
      }
      return spans.reverse();
    },
  };
}
