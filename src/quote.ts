/** Longer texts are cut in one-line output, so that a hostile server cannot flood a terminal or a log. */
const MAX_QUOTED_LENGTH = 200;

/**
 * Returns text from outside in double quotes, on one line and at most `maxLength` characters long, with everything
 * that a reader cannot see written as an escape.
 */
export function quote(text: string, maxLength = MAX_QUOTED_LENGTH): string {
  const cut = cutAt(text, maxLength);
  const body = makeVisible(cut).replaceAll('"', '\\"');
  return cut.length < text.length ? `"${body}…" (${text.length} characters)` : `"${body}"`;
}

/**
 * Returns text with every character that could deceive a reader written as an escape such as `\u{202e}`: controls,
 * line breaks, bidirectional and other format characters, tag characters, variation selectors, unusual spaces,
 * private-use and unassigned code points, unpaired surrogates. A backslash becomes `\\`, so that an escape cannot be forged.
 *
 * The result holds no terminal escape sequence (ECMA-48) and no line break.
 */
export function makeVisible(text: string): string {
  return text.replace(DECEPTIVE, escape);
}

/** Like {@link makeVisible}, but line feeds and tabs stay, and a backslash stays itself: for text shown line by line. */
export function makeVisibleLines(text: string): string {
  return text.replace(DECEPTIVE, (character) =>
    character === '\n' || character === '\t' || character === '\\' ? character : escape(character),
  );
}

/** Returns JSON text with every character that could deceive a reader as a JSON escape; it still says the same. */
export function escapeInJson(json: string): string {
  return json.replace(DECEPTIVE, (character) => (character === '\\' ? character : inUnits(character)));
}

function inUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

// Hangul fillers, braille blank and the combining grapheme joiner are letters or marks by category but show as nothing.
const DECEPTIVE =
  /\\|[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u{A0}\u{1680}\u{2000}-\u{200A}\u{202F}\u{205F}\u{3000}\u{FE00}-\u{FE0E}\u{E0100}-\u{E01EF}\u{115F}\u{1160}\u{3164}\u{FFA0}\u{2800}\u{34F}\u{180B}-\u{180F}]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function escape(character: string): string {
  return SHORT_ESCAPES[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function cutAt(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const last = text.charCodeAt(maxLength - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength);
}
