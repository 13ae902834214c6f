import { Buffer, isUtf8 } from 'node:buffer';

import type { Span } from './pattern-index.js';

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
  const name = spelledName(text);
  if (!MAYBE.test(text)) return name;
  return [
    ...segments(text, BASE64, fromBase64, 'in base64'),
    ...segments(text, HEX, fromHex, 'in hexadecimal'),
    ...whole(text, ENTITY, 1, decodeEntities, 'with HTML entities'),
    ...whole(text, PERCENT, 4, decodePercent, 'with percent signs'),
    ...whole(text, ESCAPE, 4, decodeEscapes, 'with escapes'),
    ...whole(text, COMMENT, 1, (all) => all.replace(/<!--|-->/g, ''), 'around a comment'),
    ...whole(text, TERMINAL, 1, (all) => all.replace(TERMINAL, ''), 'with terminal codes'),
    ...whole(
      text,
      SPACED,
      1,
      (all) => all.replace(SPACED, (letters) => letters.replace(/[ .\-_*]/g, '')),
      'letter by letter',
    ),
    ...whole(text, LEET, 2, (all) => all.replace(LEET_WORD, fromLeet), 'with digits for letters'),
    ...whole(text, ROT13_WORD, 3, rot13, 'in rot13'),
    ...whole(text, REVERSED_WORD, 3, (all) => Array.from(all).reverse().join(''), 'backwards'),
    ...name,
  ];
}

/** What any disguise has: one look tells most texts from the few that are worth twelve. */
const MAYBE =
  /[&%\\\u001B\u009B]|<!--|[A-Za-z0-9+/_-]{20}|[0-9a-fA-F]{2}[ :,][0-9a-fA-F]{2}[ :,][0-9a-fA-F]{2}|[A-Za-z][013457@$]+[A-Za-z]|\b[A-Za-z][ .\-_*][A-Za-z][ .\-_*][A-Za-z]\b|\b(?:gur|naq|lbh|sebz|eht|dna|uoy|morf|ehT|Gur|orsber|erofeb)\b/;

const BASE64 = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
const HEX = /(?:0x)?\b(?:[0-9a-fA-F]{2}[ :,-]?){10,}\b/g;
const ENTITY = /&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});/g;
const PERCENT = /%[0-9a-fA-F]{2}/g;
const ESCAPE = /\\u\{?[0-9a-fA-F]{4,6}\}?|\\x[0-9a-fA-F]{2}/g;
const COMMENT = /<!--/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const TERMINAL = /[\u001B\u009B]\[?[0-9;?]*[A-Za-z]?/g;
/** Single letters with the same sign between, six and more. */
const SPACED = /(?<![A-Za-z])(?:[A-Za-z][ .\-_*]){5,}[A-Za-z](?![A-Za-z])/g;
const LEET_WORD = /(?<![\w@$])(?=[\w@$]*[A-Za-z])(?=[\w@$]*[013457@$])[A-Za-z013457@$]{4,40}(?![\w@$])/g;
const LEET = /(?<![\w@$])[A-Za-z]+[013457@$]+[A-Za-z]+[A-Za-z013457@$]*(?![\w@$])/g;
/** the, and, you, from, with, before, read, file, send, this, not, tool, ignore, must, user */
const ROT13_WORD =
  /\b(?:gur|naq|lbh|sebz|jvgu|orsber|ernq|svyr|fraq|guvf|abg|gbby|vtaber|zhfg|hfre|pbagragf?|vafgehpgvbaf?)\b/gi;
const REVERSED_WORD =
  /\b(?:eht|dna|uoy|morf|htiw|erofeb|daer|elif|dnes|siht|loot|erongi|tsum|resu|stnetnoc|snoitcurtsni|lla|ruoy)\b/gi;

function segments(
  text: string,
  pattern: RegExp,
  decode: (segment: string) => string | undefined,
  disguise: string,
): readonly Decoded[] {
  if (text.search(pattern) < 0) return [];
  return Array.from(text.matchAll(pattern)).flatMap(({ 0: segment, index }) => {
    const decoded = decode(segment);
    return decoded === undefined
      ? []
      : [{ text: decoded, span: { start: index, end: index + segment.length }, disguise }];
  });
}

/** The text as a whole, where so many places of it are disguised. */
function whole(
  text: string,
  pattern: RegExp,
  least: number,
  decode: (text: string) => string | undefined,
  disguise: string,
): readonly Decoded[] {
  if (text.search(pattern) < 0) return [];
  const matches = Array.from(text.matchAll(pattern));
  const last = matches.at(-1);
  if (matches.length < least || last === undefined) return [];
  const decoded = decode(text);
  if (decoded === undefined || decoded === text) return [];
  return [{ text: decoded, span: { start: matches[0]?.index ?? 0, end: last.index + last[0].length }, disguise }];
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
  const buffer = Buffer.from(bytes, 'latin1');
  if (!isUtf8(buffer)) return undefined;
  const text = buffer.toString();
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
