import { decodeText } from './decode-text.js';
import { normalizeText, type NormalizedText } from './normalize-text.js';

/** One way to read a text. */
export interface View extends NormalizedText {
  /** How it was disguised, to be read after "written"; `undefined`: it stands there like that. */
  readonly disguise: string | undefined;
}

/** Disguises within disguises are undone so often. */
const MAX_LAYERS = 3;

/** So many readings of one text are looked at; more say nothing but that somebody wants to tire the reader. */
const MAX_VIEWS = 40;

/** All readings of one text together are at most so much longer than it, with something for short ones. */
const MAX_GROWTH = 8;
const MAX_EXTRA = 16 * 1024;

/**
 * Returns the ways to read a text: as it stands, and with disguises undone, also within each other; `isWhole` says whether all of them
 * are there.
 */
export function viewsOf(text: string): { readonly views: readonly View[]; readonly isWhole: boolean } {
  const plain: View = { ...normalizeText(text), disguise: undefined };
  const first = decodeText(text);
  if (first.length === 0) return { views: [plain], isWhole: true };
  let next = first.map((decoded): Layer => ({ ...decoded, place: () => decoded.span }));
  const views = [plain];
  const seen = new Set([plain.text]);
  let left = text.length * MAX_GROWTH + MAX_EXTRA;
  for (let depth = 0; depth < MAX_LAYERS && next.length > 0; depth += 1) {
    for (const one of next) {
      const normalized = normalizeText(one.text);
      if (seen.has(normalized.text)) continue;
      seen.add(normalized.text);
      left -= one.text.length;
      if (left < 0 || views.length >= MAX_VIEWS) return { views, isWhole: false };
      views.push({ text: normalized.text, originalSpan: () => one.place(0, one.text.length), disguise: one.disguise });
    }
    next = depth + 1 < MAX_LAYERS ? next.flatMap(nextLayer) : [];
  }
  return { views, isWhole: true };
}

/** A decoded text, and the place of the original that it came from. */
interface Layer {
  readonly text: string;
  readonly place: NormalizedText['originalSpan'];
  readonly disguise: string | undefined;
}

function nextLayer({ text, place, disguise }: Layer): readonly Layer[] {
  return decodeText(text).map((decoded) => {
    const span = place(decoded.span.start, decoded.span.end);
    return {
      text: decoded.text,
      // Beneath the first layer there is no way back to single letters.
      place: () => span,
      disguise: disguise === undefined ? decoded.disguise : `${disguise}, ${decoded.disguise}`,
    };
  });
}
