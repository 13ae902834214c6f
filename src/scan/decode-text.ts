import type { Span } from './span.js';

/** A text that stood in another in some disguise. */
export interface Decoded {
  readonly text: string;
  /** Where it stood in the text that was given. */
  readonly span: Span;
  /** How it was written, to be read after "written": "in base64", "backwards". */
  readonly disguise: string;
}

/**
 * Returns what a text says to a reader who undoes common disguises, one layer of each: encodings, entities, escapes, spelling. What
 * turns out not to be text is left out. Most texts have none.
 */
export function decodeText(text: string): readonly Decoded[] {
  const { signs, runs } = glanceAt(text);
  const decoded: Decoded[] = [];
  if (runs.length > 0) decoded.push(...segments(text, runs, fromBase64, 'in base64'));
  for (const disguise of DISGUISES) {
    if ((signs & disguise.sign) !== 0 && disguise.hint(text)) decoded.push(...undo(text, disguise));
  }
  if ((signs & SIGN.space) === 0) decoded.push(...spelledName(text));
  return decoded;
}

/** One way to write a text otherwise. */
interface Disguise {
  /** How it is written, to be read after "written". */
  readonly name: string;
  /** A sign that every text in it has. */
  readonly sign: number;
  /** What else every text in it has; most texts do not. */
  readonly hint: (text: string) => boolean;
  readonly pattern: RegExp;
  /** Fewer places are chance. */
  readonly least: number;
  /** Whether each place is a text of its own, or the text around it is read otherwise, or the text as a whole. */
  readonly unit: 'place' | 'around' | 'whole';
  readonly decode: (text: string) => string | undefined;
}

const ENTITY = /&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});/g;
const ESCAPE = /\\u\{?[0-9a-fA-F]{4,6}\}?|\\x[0-9a-fA-F]{2}/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const TERMINAL = /[\u001B\u009B]\[?[0-9;?]*[A-Za-z]?/g;
/** Single letters with the same sign between, six and more. */
const SPACED = /(?<![A-Za-z])(?:[A-Za-z][ .\-_*]){5,}[A-Za-z](?![A-Za-z])/g;
const LEET_WORD = /(?<![\w@$])(?=[\w@$]*[A-Za-z])(?=[\w@$]*[013457@$])[A-Za-z013457@$]{4,40}(?![\w@$])/g;

/** Common words in rot13 and backwards: one look for both. */
const CODED =
  /\b(?:gur|naq|lbh|sebz|orsber|guvf|gbby|vtaber|zhfg|hfre|eht|dna|uoy|morf|htiw|erofeb|siht|loot|erongi|tsum|resu)\b/i;

/** Kinds of signs, as bits. */
const SIGN = {
  any: 1,
  ampersand: 2,
  percent: 4,
  backslash: 8,
  angle: 16,
  digit: 32,
  /** `@` and `$` */
  at: 64,
  space: 128,
  unprintable: 256,
  /** Letters, digits and `+/_-`. */
  base64: 512,
  /** Words of {@link CODED}. */
  coded: 1024,
} as const;

/** By code, up to the end of ASCII. */
const SIGNS = Uint16Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code);
  const kinds: readonly (readonly [RegExp, number])[] = [
    [/&/, SIGN.ampersand],
    [/%/, SIGN.percent],
    [/\\/, SIGN.backslash],
    [/</, SIGN.angle],
    [/[0-9]/, SIGN.digit],
    [/[@$]/, SIGN.at],
    [/\s/, SIGN.space],
    [/[^ -~]/, SIGN.unprintable],
    [/[A-Za-z0-9+/_-]/, SIGN.base64],
  ];
  return kinds.reduce((bits, [pattern, bit]) => (pattern.test(sign) ? bits | bit : bits), 0);
});

const DISGUISES: readonly Disguise[] = [
  {
    name: 'in hexadecimal',
    // The bytes of letters begin with 4 to 7.
    sign: SIGN.digit,
    hint: (text) => /[0-9a-fA-F]{20}|[0-9a-fA-F]{2}[ :,-][0-9a-fA-F]{2}[ :,-][0-9a-fA-F]{2}/.test(text),
    pattern: /\b(?:0x)?(?:[0-9a-fA-F]{2}[ :,-]?){10,}\b/g,
    least: 1,
    unit: 'place',
    decode: fromHex,
  },
  {
    name: 'with HTML entities',
    sign: SIGN.ampersand,
    hint: () => true,
    pattern: ENTITY,
    least: 1,
    unit: 'around',
    decode: decodeEntities,
  },
  {
    name: 'with percent signs',
    sign: SIGN.percent,
    hint: () => true,
    pattern: /%[0-9a-fA-F]{2}/g,
    least: 4,
    unit: 'around',
    decode: decodePercent,
  },
  {
    name: 'with escapes',
    sign: SIGN.backslash,
    hint: () => true,
    pattern: ESCAPE,
    least: 4,
    unit: 'around',
    decode: decodeEscapes,
  },
  {
    name: 'around a comment',
    sign: SIGN.angle,
    hint: (text) => text.includes('<!--'),
    pattern: /<!--/g,
    least: 1,
    unit: 'around',
    decode: (text) => text.replace(/<!--|-->/g, ''),
  },
  {
    name: 'with terminal codes',
    sign: SIGN.unprintable,
    hint: (text) => text.includes('\u001B') || text.includes('\u009B'),
    pattern: TERMINAL,
    least: 1,
    unit: 'around',
    decode: (text) => text.replace(TERMINAL, ''),
  },
  {
    name: 'letter by letter',
    sign: SIGN.any,
    hint: (text) => /[ .\-_*][A-Za-z][ .\-_*][A-Za-z][ .\-_*]/.test(text),
    pattern: SPACED,
    least: 1,
    unit: 'around',
    decode: (text) => text.replace(SPACED, (letters) => letters.replace(/[ .\-_*]/g, '')),
  },
  {
    name: 'with digits for letters',
    sign: SIGN.digit | SIGN.at,
    hint: (text) => /[A-Za-z][013457@$]+[A-Za-z]/.test(text),
    // No word is so long; without the bounds a long one would be tried from each of its letters.
    pattern: /(?<![\w@$])[A-Za-z]{1,20}[013457@$]{1,8}[A-Za-z]{1,20}[A-Za-z013457@$]{0,20}(?![\w@$])/g,
    least: 2,
    unit: 'around',
    decode: (text) => text.replace(LEET_WORD, fromLeet),
  },
  {
    name: 'in rot13',
    sign: SIGN.coded,
    hint: () => true,
    // the, and, you, from, with, before, read, file, send, this, not, tool, ignore, must, user, content, instruction
    pattern:
      /\b(?:gur|naq|lbh|sebz|jvgu|orsber|ernq|svyr|fraq|guvf|abg|gbby|vtaber|zhfg|hfre|pbagragf?|vafgehpgvbaf?)\b/gi,
    least: 3,
    unit: 'whole',
    decode: rot13,
  },
  {
    name: 'backwards',
    sign: SIGN.coded,
    hint: () => true,
    pattern:
      /\b(?:eht|dna|uoy|morf|htiw|erofeb|daer|elif|dnes|siht|loot|erongi|tsum|resu|stnetnoc|snoitcurtsni|lla|ruoy)\b/gi,
    least: 3,
    unit: 'whole',
    decode: (text) => Array.from(text).reverse().join(''),
  },
];

function undo(text: string, { name, pattern, least, unit, decode }: Disguise): readonly Decoded[] {
  const places = Array.from(text.matchAll(pattern), ({ 0: part, index }) => ({
    start: index,
    end: index + part.length,
  }));
  if (places.length < least) return [];
  if (unit === 'place') return segments(text, places, decode, name);
  const read = unit === 'around' ? partsAround(text, places) : text;
  const decoded = decode(read);
  if (decoded === undefined || decoded === read) return [];
  return [{ text: decoded, span: { start: places[0]?.start ?? 0, end: places.at(-1)?.end ?? 0 }, disguise: name }];
}

/** So much before and behind a disguised place belongs to it; no rule's parts lie further from each other. */
const AROUND = 400;

/** Stands between parts, so that nothing matches across. */
const BETWEEN = ' .'.repeat(AROUND);

/** A long text with a few disguised places is not read anew as a whole: what is around them is, as one text. */
function partsAround(text: string, places: readonly Span[]): string {
  const parts: Span[] = [];
  for (const { start, end } of places) {
    const part = { start: Math.max(0, start - AROUND), end: Math.min(text.length, end + AROUND) };
    const last = parts.at(-1);
    if (last !== undefined && part.start <= last.end) parts[parts.length - 1] = { start: last.start, end: part.end };
    else parts.push(part);
  }
  return parts.map(({ start, end }) => text.slice(start, end)).join(BETWEEN);
}

function segments(
  text: string,
  places: readonly Span[],
  decode: (segment: string) => string | undefined,
  disguise: string,
): readonly Decoded[] {
  return places.flatMap((span) => {
    const decoded = decode(text.slice(span.start, span.end));
    return decoded === undefined ? [] : [{ text: decoded, span, disguise }];
  });
}

interface Glance {
  /** Which kinds of signs there are, see {@link SIGN}. */
  readonly signs: number;
  /** Where a run of signs of base64 stands, with its padding. */
  readonly runs: readonly Span[];
}

/** So many signs of base64 in a row; shorter ones say no sentence. */
const LEAST_BASE64 = 20;

/** By hand, because it is asked of every text: expressions would go over it a dozen times. */
function glanceAt(text: string): Glance {
  const runs: Span[] = [];
  let signs: number = SIGN.any;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const sign = code < 128 ? (SIGNS[code] ?? 0) : SIGN.unprintable;
    signs |= sign;
    if ((sign & SIGN.base64) !== 0) continue;
    if (index - start >= LEAST_BASE64) runs.push({ start, end: index + paddingAt(text, index) });
    start = index + 1;
  }
  if (CODED.test(text)) signs |= SIGN.coded;
  if (text.length - start >= LEAST_BASE64) runs.push({ start, end: text.length });
  return { signs, runs };
}

function paddingAt(text: string, place: number): number {
  return /^={1,2}/.exec(text.slice(place, place + 2))?.[0].length ?? 0;
}

function fromBase64(segment: string): string | undefined {
  // The base64 of a text has both; the names of programs and paths mostly have not.
  if (!/[a-z]/.test(segment) || !/[A-Z]/.test(segment)) return undefined;
  const plain = segment.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  const usable = plain.slice(0, plain.length - (plain.length % 4 === 1 ? 1 : 0));
  return asText(atob(usable));
}

function fromHex(segment: string): string | undefined {
  const digits = segment.replace(/^0x/, '').replace(/[^0-9a-fA-F]/g, '');
  return asText(String.fromCharCode(...(digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))));
}

/** Bytes that are a text with words in it; anything else is data. */
function asText(bytes: string): string | undefined {
  if (!/^[\t\n\r -~\u0080-\u00FF]*$/.test(bytes.slice(0, 200))) return undefined;
  // Not fatal: most of what is decoded is no text, and an error costs more than looking for the sign of one.
  const text = new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  if (text.includes('\u{FFFD}')) return undefined;
  return /^[\t\n\r\u{20}-\u{7E}\u{A0}-\u{10FFFF}]+$/u.test(text) && /\p{L}{2,}/u.test(text) ? text : undefined;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['sol', '/'],
  ['period', '.'],
  ['comma', ','],
  ['colon', ':'],
  ['lowbar', '_'],
  ['commat', '@'],
  ['tilde', '~'],
  ['hyphen', '-'],
  ['zwj', ''],
  ['zwnj', ''],
  ['shy', ''],
]);

function decodeEntities(text: string): string {
  return text.replace(ENTITY, (entity) => {
    const name = entity.slice(1, -1);
    if (!name.startsWith('#')) return NAMED.get(name.toLowerCase()) ?? entity;
    return (
      fromCode(/^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10)) ?? entity
    );
  });
}

function fromCode(code: number): string | undefined {
  return Number.isInteger(code) && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function decodePercent(text: string): string | undefined {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      // Not UTF-8: it stays as it is.
      return run;
    }
  });
}

function decodeEscapes(text: string): string {
  return text.replace(ESCAPE, (escape) => fromCode(Number.parseInt(escape.replace(/[^0-9a-fA-F]/g, ''), 16)) ?? escape);
}

const LEET_LETTERS: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
};

function fromLeet(word: string): string {
  return word.replace(/[013457@$]/g, (sign) => LEET_LETTERS[sign] ?? sign);
}

function rot13(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}

/** A name of many words may be a sentence: `read_the_key_file_and_pass_it_on`. */
function spelledName(text: string): readonly Decoded[] {
  if (!/^[A-Za-z0-9_.-]{12,400}$/.test(text)) return [];
  const words = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[\s_.-]+/);
  if (words.length < 5) return [];
  return [{ text: words.join(' '), span: { start: 0, end: text.length }, disguise: 'as a name' }];
}
