import { quote } from '../quote.js';
import type { Span } from './span.js';
import type { Detected } from './text-detector.js';

/** Finds zero-width and other characters that show as nothing, but where honest writing needs them. */
export function detectInvisibleCharacters(text: string): readonly Detected[] {
  return described(text, invisibleSpans(text));
}

/** Returns the places of the same. */
export function invisibleSpans(text: string): readonly Span[] {
  return spansOf(text, INVISIBLE_RUN).filter(({ start, end }) => !isHonestRun(text, start, end));
}

/** Finds characters that reorder what is shown; the mere marks only where the text has nothing written right to left. */
export function detectBidiControls(text: string): readonly Detected[] {
  return described(text, bidiSpans(text));
}

/** Returns the places of the same. */
export function bidiSpans(text: string): readonly Span[] {
  return spansOf(text, RIGHT_TO_LEFT.test(text) ? BIDI_RUN : BIDI_OR_MARK_RUN);
}

/** Finds tag characters outside of flags such as England's. */
export function detectTagCharacters(text: string): readonly Detected[] {
  return tagSpans(text).map((span) => ({ span, detail: quote(decodeTags(text.slice(span.start, span.end))) }));
}

/** Finds tag characters that spell words: nothing but a message that only a model reads is written like that. */
export function detectTagText(text: string): readonly Detected[] {
  return tagSpans(text).flatMap((span) => {
    const words = decodeTags(text.slice(span.start, span.end));
    return WORDS.test(words) ? [{ span, detail: quote(words) }] : [];
  });
}

// From the beginning of a word on: from each of its letters, a long one would cost the square of its length.
const WORDS = /(?<![A-Za-z])[A-Za-z]{3,}[^A-Za-z]+[A-Za-z]{2,}/;

/** Finds control characters, such as those that begin a terminal's escape sequences; not tab, line feed, carriage return. */
export function detectControlCharacters(text: string): readonly Detected[] {
  return described(text, spansOf(text, CONTROL_RUN));
}

/** Finds terminal codes that print in no colour, write to the clipboard, or hand a string to the terminal (ECMA-48; OSC 52 of xterm). */
export function detectTerminalCommands(text: string): readonly Detected[] {
  return described(text, spansOf(text, TERMINAL_COMMAND));
}

/** Finds several variation selectors in a row, which can carry bytes; an honest character has one. */
export function detectVariationSelectorData(text: string): readonly Detected[] {
  return described(text, spansOf(text, VARIATION_RUN));
}

/** Finds text behind a hundred and fifty blanks or thirty empty lines. */
export function detectLongPadding(text: string): readonly Detected[] {
  if (text.length < 32) return [];
  return Array.from(text.matchAll(SPACE_RUN)).flatMap(({ 0: run, index }) => {
    const isLong = run.length >= 150 || (run.match(/\n/g) ?? []).length >= 30;
    const isLast = index + run.length === text.length;
    if (!isLong || isLast || index === 0) return [];
    return [{ span: { start: index, end: index + run.length }, detail: `${run.length} characters of it` }];
  });
}

const SPACE_RUN = /[\s\u{2800}]{30,}/gu;

// Zero-width, fillers, blanks, invisible operators, interlinear annotation. Bidi, tags and selectors have rules of their own.
const INVISIBLE_RUN =
  /[\u{AD}\u{34F}\u{115F}\u{1160}\u{17B4}\u{17B5}\u{180B}-\u{180F}\u{200B}-\u{200D}\u{2060}-\u{2065}\u{206A}-\u{206F}\u{2800}\u{3164}\u{FEFF}\u{FFA0}\u{FFF0}-\u{FFFB}\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}]+/gu;
const BIDI_RUN = /[\u{202A}-\u{202E}\u{2066}-\u{2069}]+/gu;
const BIDI_OR_MARK_RUN = /[\u{200E}\u{200F}\u{61C}\u{202A}-\u{202E}\u{2066}-\u{2069}]+/gu;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const CONTROL_RUN = /(?:[\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{7F}-\u{9F}](?:\[[0-9;?]*[A-Za-z])?)+/gu;
// Of the colours only the invisible one: a parameter 8 that is not part of a longer one, such as 38;5;8.
const TERMINAL_COMMAND =
  /(?:\u{1B}\[|\u{9B})(?![0-9;]{0,40}[345]8;)(?:[0-9;]{0,40};)?8(?:;[0-9;]{0,40})?m|(?:\u{1B}\]|\u{9D})52;|\u{1B}[PX^_]|[\u{90}\u{98}\u{9E}\u{9F}]/gu;
const VARIATION_RUN = /[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]{2,}/gu;
const TAG_RUN = /(\u{1F3F4}?)([\u{E0000}-\u{E007F}]+)/gu;

function spansOf(text: string, pattern: RegExp): readonly Span[] {
  return Array.from(text.matchAll(pattern), ({ 0: run, index }) => ({ start: index, end: index + run.length }));
}

function described(text: string, spans: readonly Span[]): readonly Detected[] {
  return spans.map((span) => {
    const run = text.slice(span.start, span.end);
    return { span, detail: `${quote(run, 40)} (${characters(run)})` };
  });
}

function characters(run: string): string {
  const count = Array.from(run).length;
  return count === 1 ? 'one character' : `${count} characters`;
}

const JOINED_SCRIPTS =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{M}]/u;

/** What joiners join, and what has a form as emoji. */
export const EMOJI = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{FE0F}\u{20E3}]/u;

/** Joiners join emoji, and shape letters in Persian and Indic scripts; a soft hyphen stands between letters; U+FEFF may begin a text. */
function isHonestRun(text: string, start: number, end: number): boolean {
  const run = text.slice(start, end);
  const before = lastCharacter(text, start);
  const after = String.fromCodePoint(text.codePointAt(end) ?? 0x20);
  if (run === '\u{200D}' && EMOJI.test(before) && EMOJI.test(after)) return true;
  if (run === '\u{200D}' || run === '\u{200C}') return JOINED_SCRIPTS.test(before);
  // Khmer, Thai, Lao, Burmese have no spaces between words: U+200B marks where a line may break.
  if (run === '\u{200B}') return BREAKS.test(before) && BREAKS.test(after);
  return false;
}

const BREAKS = /[\p{Script=Khmer}\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Tibetan}\p{M}]/u;

function lastCharacter(text: string, end: number): string {
  const unit = text.charCodeAt(end - 1);
  const isTrail = unit >= 0xdc00 && unit <= 0xdfff;
  return text.slice(Math.max(0, end - (isTrail ? 2 : 1)), end);
}

/** The flags of England, Scotland, Wales (and Texas): black flag, up to six tag letters or digits, cancel tag (UTS 51, annex C). */
const FLAG = /^[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,6}\u{E007F}$/u;

/** Returns the places of tag characters outside of flags. */
export function tagSpans(text: string): readonly Span[] {
  return Array.from(text.matchAll(TAG_RUN)).flatMap(({ 0: whole, 1: flag = '', 2: tags = '', index }) => {
    if (flag !== '' && FLAG.test(tags)) return [];
    return [{ start: index + flag.length, end: index + whole.length }];
  });
}

function decodeTags(tags: string): string {
  return Array.from(tags, (tag) => {
    const code = (tag.codePointAt(0) ?? 0) - 0xe0000;
    return code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : '';
  }).join('');
}
