import type { Text } from './collect-texts.js';
import type { Part } from './join-parts.js';

/** A part of something longer, which says the how-manieth it is: "step 2 of 3: …". */
export interface NumberedPart extends Part {
  readonly number: number;
}

/** Returns what stands behind each number of a step or part in a string, up to the next one. */
export function numberedParts(text: Text): readonly NumberedPart[] {
  const marks = Array.from(text.text.matchAll(NUMBER));
  return marks.map(({ 0: mark, 1: latin, 2: chinese, index }, place) => ({
    text,
    from: index + mark.length,
    to: marks[place + 1]?.index ?? text.text.length,
    number: numberOf(latin ?? chinese ?? ''),
  }));
}

const NOUNS = 'step|part|phase|stage|schritt|teil|paso|parte|étape|partie|etapa|passo|шаг|часть|этап';
const CONTINUED =
  "(?:continue[sd]|continuation|cont'd|fortsetzung|fortgesetzt|continúa|continuación|suite|continua|continuação|продолжение|续|続き)";

/**
 * The re2 pattern of what may mark a text as a part: with the other patterns it is looked for in one pass. It is broader than what reads the
 * marks, {@link numberedParts} and {@link unmarkedPart}.
 */
export const PART_MARK = `\\b(?:${NOUNS})\\s{0,3}#?(?:\\d|one|two|three|four|five)|步骤|第|ステップ|手順|${CONTINUED}`;

// Every repeat is bounded.
const NUMBER = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${NOUNS})\\s{0,3}#?(\\d{1,2}|one|two|three|four|five)(?![\\p{L}\\p{N}])` +
    '(?:\\s?(?:of|/|von|de|из)\\s?\\d{1,2})?[\\s:.)\\]–—-]{0,5}' +
    '|(?:步骤|第|ステップ|手順)\\s?(\\d{1,2}|[一二三四五])\\s?(?:步|部分|部)?[\\s:：。、]{0,5}',
  'giu',
);

const WORDS: readonly (readonly string[])[] = [
  ['one', '一'],
  ['two', '二'],
  ['three', '三'],
  ['four', '四'],
  ['five', '五'],
];

function numberOf(word: string): number {
  const place = WORDS.findIndex((words) => words.includes(word.toLowerCase()));
  return place < 0 ? Number(word) : place + 1;
}

/** Returns whether a text begins as one does that goes on with another: with a mark of it, or within a sentence. */
export function beginsWithin(text: string): boolean {
  return !CAPITAL.test(text) && (GOES_ON.test(text) || WITHIN.test(text));
}

/** Of most texts, and of none that goes on but with "Continued", which is an honest word at the beginning. */
const CAPITAL = /^[A-Z]/;

/** Returns whether the second text goes on where the first one stops. */
export function isContinued(first: string, second: string): boolean {
  return GOES_ON.test(second) || (WITHIN.test(second) && isOpen(first.slice(-END)));
}

/** Returns a string without what says at its ends that it goes on: `…`, "(continued in list_notes)". */
export function unmarkedPart(text: Text): Part {
  const { length } = text.text;
  const from = GOES_ON.exec(text.text)?.[0].length ?? 0;
  const start = Math.max(from, length - END);
  const end = STOPS.exec(text.text.slice(start))?.index;
  return { text, from, to: end === undefined ? length : start + end };
}

/** At the beginning. */
const GOES_ON = new RegExp(
  `^\\s{0,8}(?:(?:…|\\.{3})\\s?|[([]${CONTINUED}[^)\\]]{0,60}[)\\]]\\s?:?|${CONTINUED}[^:.]{0,60}:)`,
  'iu',
);

/** At the end. */
const STOPS = new RegExp(`(?:…|\\.{3}|[([]?(?:to be )?${CONTINUED}[^.!?)\\]]{0,60}[)\\]]?)[\\s.]{0,8}$`, 'iu');

/** A small letter, or a sign that no sentence begins with. */
const WITHIN = /^\s{0,8}[\p{Ll}~,;:)/]/u;

/** Enough for a mark of what goes on, or for a full stop with brackets and spaces behind it. */
const END = 100;

/** Not at the end of a sentence. */
function isOpen(end: string): boolean {
  return STOPS.test(end) || !/[.!?。！？][^\p{L}\p{N}]{0,10}$/u.test(end);
}
