/**
 * A pattern taken apart, so that most of it can be looked up rather than run: what it matches in full, pairs of such texts with a
 * gap between, and expressions.
 */
export interface PatternParts {
  /** Whether a word has to begin where a match begins, and to end where it ends. */
  readonly edges: Edges;
  /** Matches in full, in lower case. */
  readonly phrases: readonly string[];
  readonly pairs: readonly PhrasePair[];
  readonly expressions: readonly Expression[];
}

export interface Edges {
  readonly start: boolean;
  readonly end: boolean;
}

/** One of `starts`, what the pattern `gap` matches, and one of `ends`. */
export interface PhrasePair {
  readonly starts: readonly string[];
  readonly gap: string;
  /** What the gap matches is at most so long, in UTF-16 code units. */
  readonly reach: number;
  readonly ends: readonly string[];
}

/** A pattern that has to be run. */
interface Expression {
  readonly source: string;
  /** One text of each stands in everything that it matches. None: nothing can be told. */
  readonly needs: readonly Need[];
}

/** Texts in lower case, of which one stands in a match, and how far the match reaches before and behind it, in UTF-16 code units. */
export interface Need {
  readonly texts: readonly string[];
  /** `Infinity`: to the ends of the whole text. */
  readonly before: number;
  readonly after: number;
}

/**
 * Takes a re2 pattern apart. White space in it is one space: it is matched against normalised text. (That most expressions need not be
 * run on most texts is the idea of RE2's own prefilter.)
 */
export function patternParts(pattern: string): PatternParts {
  const alternatives = alternativesOf(pattern);
  if (alternatives === undefined)
    return { edges: NO_EDGES, phrases: [], pairs: [], expressions: [expression(pattern)] };
  const { edges, branches } = alternatives;
  const parts = branches.map((branch) => partOf(branch, edges));
  return {
    edges,
    phrases: [...new Set(parts.flatMap((part) => (part.kind === 'phrases' ? part.phrases : [])))],
    pairs: parts.flatMap((part) => (part.kind === 'pair' ? [part] : [])),
    expressions: branches
      .filter((_, index) => parts[index]?.kind === 'expression')
      .map((branch) => expression(`${edges.start ? '\\b' : ''}(?:${branch})${edges.end ? '\\b' : ''}`, branch)),
  };
}

const NO_EDGES: Edges = { start: false, end: false };

interface Alternatives {
  readonly edges: Edges;
  readonly branches: readonly string[];
}

/** The alternatives of `\b(?:a|b)\b`, `(?:a|b)`, `a|b`, and the one of `\ba\b`; `undefined` where words begin and end otherwise. */
function alternativesOf(pattern: string): Alternatives | undefined {
  const edges = { start: pattern.startsWith('\\b'), end: /(?<!\\)\\b$/.test(pattern) };
  const body = pattern.slice(edges.start ? 2 : 0, edges.end ? -2 : undefined);
  const inner = /^\(\?:(.*)\)$/s.exec(body)?.[1];
  const grouped = inner === undefined ? undefined : branchesOf(inner);
  if (grouped !== undefined) return { edges, branches: grouped };
  const branches = branchesOf(body);
  // The edges of `\ba|b\b` belong to one alternative each.
  return branches === undefined || ((edges.start || edges.end) && branches.length > 1)
    ? undefined
    : { edges, branches };
}

/** More sets choose little better, and each of their texts has to be looked for. */
const MAX_NEEDS = 2;

function expression(source: string, branch = source): Expression {
  const { exact, required, reach } = knownOf(source);
  const whole = best(exact, required);
  // Alternatives need different things; only a sequence needs all of them.
  const isSequence = branchesOf(branch)?.length === 1;
  const needs = [
    ...(isSequence ? needsOf(itemsOf(branch) ?? []) : []),
    ...(whole === undefined ? [] : [{ texts: whole, before: reach, after: reach }]),
  ];
  const different = needs.filter(
    ({ texts }, index) => needs.findIndex((other) => other.texts.join('|') === texts.join('|')) === index,
  );
  return { source, needs: different.toSorted((a, b) => worth(b.texts) - worth(a.texts)).slice(0, MAX_NEEDS) };
}

/** What each stretch of a sequence needs. */
function needsOf(items: readonly Item[]): readonly Need[] {
  const needs: Need[] = [];
  const total = items.reduce((sum, { known }) => sum + known.reach, 0);
  let run: readonly string[] = [''];
  let runStart = 0;
  let at = 0;
  const add = (texts: readonly string[], before: number, from: number): void => {
    // Infinity less Infinity is no number.
    const after = Number.isFinite(total) ? total - from : Infinity;
    if (worth(texts) > 0) needs.push({ texts, before, after });
  };
  for (const { known } of items) {
    const joined = known.exact === undefined ? undefined : joinEach(run, known.exact);
    if (joined === undefined) {
      add(run, runStart, runStart);
      // Somewhere in it.
      if (known.exact === undefined) add(known.required ?? [], at + known.reach, at);
      run = known.exact ?? [''];
      runStart = known.exact === undefined ? at + known.reach : at;
    } else run = joined;
    at += known.reach;
  }
  add(run, runStart, runStart);
  return needs;
}

/** The alternatives between the outermost brackets; `undefined` where the brackets are not one pair around all of it. */
function branchesOf(body: string): readonly string[] | undefined {
  const branches: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < body.length; index += 1) {
    const sign = body[index];
    if (sign === '\\') index += 1;
    else if (sign === '[') index = classEnd(body, index);
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (sign === '|' && depth === 0) {
      branches.push(body.slice(start, index));
      start = index + 1;
    }
    if (depth < 0) return undefined;
  }
  return [...branches, body.slice(start)];
}

/** The place of the bracket that ends a class. */
function classEnd(body: string, start: number): number {
  for (let index = start + 2; index < body.length; index += 1) {
    if (body[index] === '\\') index += 1;
    else if (body[index] === ']') return index;
  }
  return body.length;
}

type Part =
  | { readonly kind: 'phrases'; readonly phrases: readonly string[] }
  | ({ readonly kind: 'pair' } & PhrasePair)
  | { readonly kind: 'expression' };

/** With an assertion inside, a branch says more than its letters. */
function partOf(branch: string, edges: Edges): Part {
  const items = /\\[bBAz]|[$^]/.test(branch.replace(/\[\^/g, '[')) ? undefined : itemsOf(branch);
  if (items === undefined) return { kind: 'expression' };
  const starts = exactRun(items, edges);
  if (starts.count === items.length) return { kind: 'phrases', phrases: starts.texts };
  const ends = exactRun(items.slice(starts.count).toReversed(), edges);
  if (starts.texts.length === 0 || ends.texts.length === 0) return { kind: 'expression' };
  const gap = items.slice(starts.count, items.length - ends.count);
  const reach = gap.reduce((sum, { known }) => sum + known.reach, 0);
  if (reach === Infinity) return { kind: 'expression' };
  return { kind: 'pair', starts: starts.texts, gap: gap.map(({ source }) => source).join(''), reach, ends: ends.texts };
}

/** How many items from the first on are known in full, and the texts that they make; none where these cannot be looked up. */
function exactRun(items: readonly Item[], edges: Edges): { readonly count: number; readonly texts: readonly string[] } {
  let texts: readonly string[] = [''];
  let count = 0;
  const isReversed = items.length > 1 && (items[0]?.place ?? 0) > (items[1]?.place ?? 0);
  for (const { known } of items) {
    if (known.exact === undefined) break;
    const joined = isReversed ? joinEach(known.exact, texts) : joinEach(texts, known.exact);
    if (joined === undefined) break;
    texts = joined;
    count += 1;
  }
  const isUsable = texts.every(
    (text) => text.trim() !== '' && hasEdges(text, edges, isReversed, count === items.length),
  );
  return { count: isUsable ? count : 0, texts: isUsable ? texts : [] };
}

/** Where a word has to begin or end there has to be a letter; what comes before or after the gap is free. */
function hasEdges(text: string, edges: Edges, isEnd: boolean, isWhole: boolean): boolean {
  const needsStart = edges.start && (isWhole || !isEnd);
  const needsEnd = edges.end && (isWhole || isEnd);
  return (!needsStart || /^[a-z0-9_]/.test(text)) && (!needsEnd || /[a-z0-9_]$/.test(text));
}

/** An atom of a sequence with its quantifier. */
interface Item {
  readonly known: Known;
  readonly source: string;
  readonly place: number;
}

/** The items of a pattern without alternatives at its outermost level; `undefined` where it cannot be read. */
function itemsOf(pattern: string): readonly Item[] | undefined {
  const reader: Reader = { pattern, place: 0 };
  const items: Item[] = [];
  try {
    while (reader.place < pattern.length) {
      const { place } = reader;
      const known = readQuantified(reader);
      items.push({ known, source: pattern.slice(place, reader.place), place });
    }
    return items;
  } catch (error) {
    if (error instanceof NotRead) return undefined;
    throw error;
  }
}

function knownOf(pattern: string): Known {
  try {
    const reader: Reader = { pattern, place: 0 };
    const whole = readAlternatives(reader);
    return reader.place === pattern.length ? whole : UNREADABLE;
  } catch (error) {
    // A construct that is not read here: the pattern is run on every text, which is slow but never wrong.
    if (error instanceof NotRead) return UNREADABLE;
    throw error;
  }
}

class NotRead extends Error {}

interface Reader {
  readonly pattern: string;
  place: number;
}

/** What is known of a part of a pattern. */
interface Known {
  /** All texts that it matches. */
  readonly exact: readonly string[] | undefined;
  /** Texts of which one stands in every match. */
  readonly required: readonly string[] | undefined;
  /** The length of its longest match; `Infinity` where it is asked where the text ends. */
  readonly reach: number;
}

/** What may come again without end is followed so many times, unless the whole text is read anyway. */
const MAX_REPEATED = 64;

/** A pattern that matches more is run on the whole text. */
const MAX_REACH = 4_000;

/** More alternatives together are cut into parts: their number multiplies. */
const MAX_EXACT = 200;

/** Longer literals choose no better. */
const MAX_LENGTH = 14;

const NOTHING: Known = { exact: [''], required: undefined, reach: 0 };
/** Of any character; some are two units. */
const ANYTHING: Known = { exact: undefined, required: undefined, reach: 2 };
const UNREADABLE: Known = { exact: undefined, required: undefined, reach: Infinity };

function readAlternatives(reader: Reader): Known {
  const branches = [readSequence(reader)];
  while (reader.pattern[reader.place] === '|') {
    reader.place += 1;
    branches.push(readSequence(reader));
  }
  return branches.length === 1 ? (branches[0] ?? UNREADABLE) : anyOf(branches);
}

function anyOf(branches: readonly Known[]): Known {
  const exact = together(branches.map((branch) => branch.exact));
  const required = together(branches.map((branch) => best(branch.exact, branch.required)));
  const reach = Math.max(...branches.map((branch) => branch.reach));
  return { exact: exact !== undefined && exact.length <= MAX_EXACT ? exact : undefined, required, reach };
}

function together(lists: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  const known = lists.filter((list) => list !== undefined);
  return known.length === lists.length ? [...new Set(known.flat())] : undefined;
}

function readSequence(reader: Reader): Known {
  let run: readonly string[] = [''];
  let required: readonly string[] | undefined;
  let isExact = true;
  let reach = 0;
  while (reader.place < reader.pattern.length && !'|)'.includes(reader.pattern[reader.place] ?? '')) {
    const item = readQuantified(reader);
    reach += item.reach;
    const joined = item.exact === undefined ? undefined : joinEach(run, item.exact);
    if (joined === undefined) {
      isExact = false;
      required = best(best(run, required), item.exact ?? item.required);
      run = item.exact ?? [''];
    } else run = joined;
  }
  return isExact
    ? { exact: run, required: undefined, reach }
    : { exact: undefined, required: best(run, required), reach };
}

function joinEach(starts: readonly string[], ends: readonly string[]): readonly string[] | undefined {
  if (starts.length * ends.length > MAX_EXACT) return undefined;
  return [...new Set(starts.flatMap((start) => ends.map((end) => start + end)))];
}

/** The list that chooses better: every text of it has to be there or not, so the shortest one counts. */
function best(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  const worthA = worth(a);
  const worthB = worth(b);
  if (Math.max(worthA, worthB) === 0) return undefined;
  return worthA >= worthB ? a : b;
}

function worth(texts: readonly string[] | undefined): number {
  if (texts === undefined || texts.length === 0) return 0;
  const shortest = Math.min(MAX_LENGTH, ...texts.map(weight));
  return shortest < 2 ? 0 : shortest + 1 / texts.length;
}

/** Some signs, and characters of scripts without spaces, are rarer than letters. */
function weight(text: string): number {
  return Array.from(text).reduce((sum, letter) => sum + (letter > '\u{2E80}' ? 3 : COMMON.test(letter) ? 1 : 2), 0);
}

const COMMON = /[a-z0-9 .,:()'"`_/-]/;

function readQuantified(reader: Reader): Known {
  const atom = readAtom(reader);
  const quantifier = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(reader.pattern.slice(reader.place));
  if (quantifier === null) return atom;
  reader.place += quantifier[0].length;
  const [, sign, least, comma, most = ''] = quantifier;
  if (sign === '?') {
    const exact = atom.exact === undefined ? undefined : [...new Set([...atom.exact, ''])];
    return { exact, required: undefined, reach: atom.reach };
  }
  const without = Math.max(MAX_REPEATED, Number(least ?? 0));
  const times = comma === undefined ? Number(least ?? MAX_REPEATED) : most === '' ? without : Number(most);
  const longest = atom.reach * times;
  const reach = longest > MAX_REACH ? Infinity : longest;
  const isOptional = sign === '*' || least === '0';
  return { exact: undefined, required: isOptional ? undefined : best(atom.exact, atom.required), reach };
}

function readAtom(reader: Reader): Known {
  const { pattern } = reader;
  const sign = pattern[reader.place] ?? '';
  reader.place += 1;
  if (sign === '(') return readGroup(reader);
  if (sign === '[') return readClass(reader);
  if (sign === '\\') return readEscape(reader);
  if (sign === '.') return ANYTHING;
  if (sign === '^') return NOTHING;
  if (sign === '$') return { ...NOTHING, reach: Infinity };
  if ('*+?{'.includes(sign)) throw new NotRead();
  return literal(sign);
}

function readGroup(reader: Reader): Known {
  const isSensitive = reader.pattern.startsWith('?-i:', reader.place);
  if (isSensitive) reader.place += 4;
  else if (reader.pattern.startsWith('?:', reader.place)) reader.place += 2;
  else if (reader.pattern[reader.place] === '?') throw new NotRead();
  const inner = readAlternatives(reader);
  if (reader.pattern[reader.place] !== ')') throw new NotRead();
  reader.place += 1;
  // What is looked up is looked up in any case: these texts have to be there, and that says no more.
  return isSensitive ? { ...inner, exact: undefined, required: best(inner.exact, inner.required) } : inner;
}

/** A class of few letters is these; any other is anything. */
function readClass(reader: Reader): Known {
  const match = /^(\^?)(\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*)\]/s.exec(reader.pattern.slice(reader.place));
  if (match === null) throw new NotRead();
  reader.place += match[0].length;
  const [, not = '', members = ''] = match;
  const plain = members.replace(/-$/, '');
  if (not !== '' || plain !== members || /[\\[-]/.test(plain) || plain.length > 6) return ANYTHING;
  return { exact: Array.from(new Set(plain.toLowerCase())), required: undefined, reach: 1 };
}

function readEscape(reader: Reader): Known {
  const sign = reader.pattern[reader.place] ?? '';
  reader.place += 1;
  if ('bBA'.includes(sign)) return NOTHING;
  if (sign === 'z') return { ...NOTHING, reach: Infinity };
  if (sign === 's') return literal(' ');
  if ('wWdDS'.includes(sign)) return ANYTHING;
  if (sign === 'p' || sign === 'P') return readProperty(reader);
  if (/[^A-Za-z0-9]/.test(sign)) return literal(sign);
  throw new NotRead();
}

/** `\p{L}`, `\pL`: any letter of many. */
function readProperty(reader: Reader): Known {
  const match = /^(?:\{\^?\w+\}|[A-Z])/.exec(reader.pattern.slice(reader.place));
  if (match === null) throw new NotRead();
  reader.place += match[0].length;
  return ANYTHING;
}

function literal(text: string): Known {
  return { exact: [text.toLowerCase()], required: undefined, reach: text.length };
}
