import type { PatternMatches } from './pattern-index.js';
import type { Span } from './span.js';
import { sentencesOf } from './sentences.js';

/** Words, pairs of words and parts of words are told apart by so many numbers. */
const HASHED_FEATURES = 2 ** 18;

/**
 * A long sentence says more of everything, and means less by it. In UTF-16 code units; a passage has the feature of each that it exceeds.
 *
 * @public for the training of the model
 */
export const LENGTHS = [40, 80, 120, 180, 250, 350, 500];

/** Returns how many features there are, with so many signals. */
export function featureCount(signals: number): number {
  return HASHED_FEATURES + signals + (signals * (signals - 1)) / 2 + LENGTHS.length;
}

/** A sentence, or two in a row, with what the learned model looks at. */
export interface Passage {
  readonly span: Span;
  readonly text: string;
  /** How many different signals it has. */
  readonly signals: number;
  /** Numbers of features, each once: words, pairs of words in a row, parts of words, signals, pairs of signals, lengths. */
  readonly features: readonly number[];
}

/** A passage with its score. */
export interface Scored {
  readonly span: Span;
  readonly score: number;
}

/** Returns the passages of a normalised text: each sentence, and each with the next one. `signals` are numbers of patterns, by signal. */
export function passagesOf(
  text: string,
  matches: PatternMatches,
  signals: readonly (readonly number[])[],
): readonly Passage[] {
  const sentences = withSignals(wordsOf(text), matches, signals);
  return sentences.flatMap((one, index) => {
    const next = sentences[index + 1];
    const pair = next === undefined ? [] : [passage(text, [one, next], signals.length)];
    return [passage(text, [one], signals.length), ...pair];
  });
}

/** What passages are scored by: sums of what features weigh. */
export interface Scorer {
  /** Begins a passage. */
  readonly begin: () => void;
  /** Returns what those of the words from one place to another weigh that were not in the passage yet. */
  readonly add: (words: Uint32Array, from: number, to: number) => number;
  readonly weigh: (features: readonly number[]) => number;
  /** Returns what features weigh at most, whichever of them are there. */
  readonly most: (features: readonly number[]) => number;
  /** The sum from which on a passage is of interest. */
  readonly least: number;
}

/**
 * Returns the passage of a normalised text that weighs most; `undefined` where none is of interest. `likely` are the signals that may be
 * in it.
 */
export function worstPassage(
  text: string,
  matches: PatternMatches,
  signals: readonly (readonly number[])[],
  likely: readonly number[],
  scorer: Scorer,
): Scored | undefined {
  const sentences = wordsOf(text);
  // Where each signal stands takes longer to find out than all else; most texts weigh far too little wherever they stood.
  const most = scorer.most(signalFeatures(likely, signals.length));
  if (worstOf(sentences, signals.length, scorer, () => most) === undefined) return undefined;
  const complete = withSignals(sentences, matches, signals);
  return worstOf(complete, signals.length, scorer, (group) =>
    scorer.weigh(signalFeatures(signalsIn(group), signals.length)),
  );
}

function worstOf(
  sentences: readonly Sentence[],
  count: number,
  scorer: Scorer,
  weightOfSignals: (group: readonly Sentence[]) => number,
): Scored | undefined {
  let worst: Scored | undefined;
  const lengths = LENGTHS.map((_, index) => scorer.weigh([lengthFeature(index, count)]));
  const consider = (words: number, group: readonly Sentence[]): void => {
    const span = spanOf(group);
    let score = words + weightOfSignals(group);
    for (let index = 0; span.end - span.start > (LENGTHS[index] ?? Infinity); index += 1) score += lengths[index] ?? 0;
    if (score >= (worst?.score ?? scorer.least)) worst = { span, score };
  };
  for (const [index, one] of sentences.entries()) {
    scorer.begin();
    const alone = scorer.add(words, one.from, one.to);
    consider(alone, [one]);
    const next = sentences[index + 1];
    if (next !== undefined) consider(alone + scorer.add(words, next.from, next.to), [one, next]);
  }
  return worst;
}

interface Sentence {
  readonly span: Span;
  /** Where its words and parts of words are in {@link words}; some of them more than once. */
  readonly from: number;
  readonly to: number;
  readonly signals: ReadonlySet<number>;
}

function passage(text: string, sentences: readonly Sentence[], count: number): Passage {
  const span = spanOf(sentences);
  const signals = new Set(sentences.flatMap((one) => Array.from(one.signals))).size;
  return {
    span,
    text: text.slice(span.start, span.end),
    signals,
    features: [
      ...new Set([
        ...sentences.flatMap(({ from, to }) => Array.from(words.subarray(from, to))),
        ...extraFeatures(sentences, count),
      ]),
    ],
  };
}

function spanOf(sentences: readonly Sentence[]): Span {
  return { start: sentences[0]?.span.start ?? 0, end: sentences.at(-1)?.span.end ?? 0 };
}

/** Those of signals, of pairs of them, and of the length. */
function extraFeatures(sentences: readonly Sentence[], count: number): readonly number[] {
  const { start, end } = spanOf(sentences);
  const lengths = LENGTHS.flatMap((length, index) => (end - start > length ? [lengthFeature(index, count)] : []));
  return [...signalFeatures(signalsIn(sentences), count), ...lengths];
}

function signalsIn(sentences: readonly Sentence[]): readonly number[] {
  return Array.from(new Set(sentences.flatMap(({ signals }) => Array.from(signals))));
}

/**
 * Returns the number of the feature that a passage is longer than {@link LENGTHS} at a place, with so many signals.
 *
 * @public for the training of the model
 */
export function lengthFeature(index: number, count: number): number {
  return featureCount(count) - LENGTHS.length + index;
}

function signalFeatures(signals: readonly number[], count: number): readonly number[] {
  const features: number[] = [];
  const ordered = signals.toSorted((a, b) => a - b);
  for (const [index, a] of ordered.entries()) {
    features.push(HASHED_FEATURES + a);
    for (let other = index + 1; other < ordered.length; other += 1) {
      features.push(pairNumber(a, ordered[other] ?? 0, count));
    }
  }
  return features;
}

/** The place of the pair in the upper triangle, row by row. */
function pairNumber(a: number, b: number, count: number): number {
  return HASHED_FEATURES + count + a * count - (a * (a + 1)) / 2 + (b - a - 1);
}

function wordsOf(text: string): readonly Sentence[] {
  const lower = text.toLowerCase();
  // Some capitals become two letters; then the places are no longer the same, and the words are read as they stand.
  const same = lower.length === text.length ? lower : text;
  // A letter is in a word, in a pair and in a part, and signs are words.
  if (words.length < 3 * text.length) words = new Uint32Array(6 * text.length);
  let to = 0;
  return sentencesOf(text).map((span) => {
    const from = to;
    to = addWords(same, span, from);
    return { span, from, to, signals: NONE };
  });
}

/** Numbers of the features of one text at a time: lists of their own for each sentence would cost more than all else. */
let words = new Uint32Array(16_384);

const NONE: ReadonlySet<number> = new Set();

function withSignals(
  sentences: readonly Sentence[],
  { isLikely, spansOf }: PatternMatches,
  signals: readonly (readonly number[])[],
): readonly Sentence[] {
  const found = sentences.map(() => new Set<number>());
  for (const [signal, patterns] of signals.entries()) {
    for (const pattern of patterns) {
      if (!isLikely(pattern)) continue;
      for (const { start } of spansOf(pattern)) found[sentences.findIndex(({ span }) => start < span.end)]?.add(signal);
    }
  }
  return sentences.map((one, index) => ({ ...one, signals: found[index] ?? NONE }));
}

/** So many letters are a part of a word in a script other than ours: some write no spaces, and a word is as long as its sentence. */
const PART = 4;

const WORD_SEED = 0x050c5d1f;
const PART_SEED = 0x6b43a9b5;
const PAIR_SEED = 0x2c1b3c6d;

/** Writes what is in a part of a text from a place on; returns the place behind it. */
function addWords(text: string, { start, end }: Span, from: number): number {
  let to = from;
  let at = start;
  let before = 0;
  while (at < end) {
    const code = text.charCodeAt(at);
    const kind = kindOf(code);
    if (kind === Kind.Other) {
      at += 1;
      continue;
    }
    const first = at;
    let word = WORD_SEED;
    let isPlain = true;
    if (kind === Kind.Sign) {
      word = mix(word, code);
      at += 1;
    } else {
      for (; at < end; at += 1) {
        const letter = text.charCodeAt(at);
        if (kindOf(letter) !== Kind.Letter) break;
        word = mix(word, plain(letter));
        isPlain &&= letter < 128;
      }
    }
    words[to++] = fold(word);
    if (before !== 0) words[to++] = fold(pairOf(before, word));
    before = word;
    if (!isPlain) to = addParts(text, first, at, to);
  }
  return to;
}

/** Two words in a row, in this order. */
function pairOf(first: number, second: number): number {
  return Math.imul(Math.imul(first, PAIR_SEED) ^ second, 0x01000193);
}

function addParts(text: string, start: number, end: number, from: number): number {
  let to = from;
  for (let at = start; at + PART <= end; at += 1) {
    let part = PART_SEED;
    for (let place = at; place < at + PART; place += 1) part = mix(part, text.charCodeAt(place));
    words[to++] = fold(part);
  }
  return to;
}

const Kind = { Other: 0, Sign: 1, Letter: 2 } as const;

/** Letters, digits, underscores; everything beyond ASCII but its punctuation. `$ / < > @ [ ] { | } ~` say something by themselves. */
function kindOf(code: number): number {
  if (code < 128) return KINDS[code] ?? Kind.Other;
  const isLetter = code >= 0xaa && !(code >= 0x2000 && code <= 0x206f) && !(code >= 0x3000 && code <= 0x303f);
  return isLetter ? Kind.Letter : Kind.Other;
}

const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code);
  if (/[A-Za-z0-9_]/.test(sign)) return Kind.Letter;
  return /[$/<>@[\]{|}~]/.test(sign) ? Kind.Sign : Kind.Other;
});

/** One digit is as good as another. */
function plain(code: number): number {
  return code >= 48 && code <= 57 ? 48 : code;
}

/** FNV-1a. */
function mix(value: number, code: number): number {
  return Math.imul(value ^ code, 0x01000193);
}

/** To the numbers there are. */
function fold(value: number): number {
  return ((value >>> 18) ^ value ^ (value >>> 9)) & (HASHED_FEATURES - 1);
}
