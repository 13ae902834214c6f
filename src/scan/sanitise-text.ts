import type { OutputChange } from '../model/checked-output.js';
import { bidiSpans, EMOJI, invisibleSpans, tagSpans } from './detect-hidden-characters.js';
import type { Span } from './span.js';

/** What was taken out of a text. */
type Removed = Exclude<OutputChange['what'], 'cut'>;

/** A text without what a person does not see. */
export interface SanitisedText {
  readonly text: string;
  /** Empty where the text is what it was. */
  readonly removed: readonly Removed[];
}

/**
 * Returns a text without terminal codes (ECMA-48), control characters but tab, line feed and carriage return, tag characters, zero-width
 * characters, direction controls, and variation selectors that select nothing. What honest writing needs stays: joiners in emoji and in
 * Persian and Indic words, word breaks of Thai and Khmer, direction marks in right-to-left text, the flags of regions.
 *
 * What it returns has nothing left to remove.
 */
export function sanitiseText(text: string): SanitisedText {
  if (!HAS_HIDDEN.test(text)) return { text, removed: [] };
  const removed = new Set<Removed>();
  let clean = text;
  // Attack: characters that become suspicious, or harmless, once those between them are gone.
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const next = STEPS.reduce((before, { what, apply }) => noting(before, apply(before), what, removed), clean);
    if (next === clean) return { text: clean, removed: Array.from(removed) };
    clean = next;
  }
  return {
    text: noting(clean, clean.replace(HIDDEN, ''), 'invisible-characters', removed),
    removed: Array.from(removed),
  };
}

/** After so many, honest uses do not count any more. An honest text takes two. */
const MAX_PASSES = 5;

interface Step {
  readonly what: Removed;
  readonly apply: (text: string) => string;
}

// A string of a terminal (OSC, DCS, SOS, PM, APC) that does not end is text with something in front; only that is taken away. The payload
// has no control characters, so that beginnings in a row do not cost the square of their number.
const TERMINAL_CODE =
  /(?:\u001B[\]PX^_]|[\u0090\u0098\u009D-\u009F])[^\u0000-\u001F\u007F-\u009F]*(?:\u0007|\u001B\\|\u009C)|(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B[ -/]*[0-~]/g;
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]+/g;

const STEPS: readonly Step[] = [
  { what: 'terminal-codes', apply: (text) => text.replace(TERMINAL_CODE, '') },
  { what: 'control-characters', apply: (text) => text.replace(CONTROL, '') },
  { what: 'tag-characters', apply: (text) => without(text, tagSpans(text)) },
  { what: 'bidi-controls', apply: (text) => without(text, bidiSpans(text)) },
  { what: 'invisible-characters', apply: (text) => without(text, invisibleSpans(text)) },
  { what: 'variation-selectors', apply: withoutIdleSelectors },
];

/** Everything that a step could take away, also where it is honest. */
const HIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u{AD}\u{34F}\u{61C}\u{115F}\u{1160}\u{17B4}\u{17B5}\u{180B}-\u{180F}\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}-\u{206F}\u{2800}\u{3164}\u{FE00}-\u{FE0F}\u{FEFF}\u{FFA0}\u{FFF0}-\u{FFFB}\u{1BCA0}-\u{1BCA3}\u{1D173}-\u{1D17A}\u{E0000}-\u{E007F}\u{E0100}-\u{E01EF}]/gu;

/** Whether there is any of it: most texts have none. */
const HAS_HIDDEN = new RegExp(HIDDEN.source, 'u');

function noting(before: string, after: string, what: Removed, removed: Set<Removed>): string {
  if (after !== before) removed.add(what);
  return after;
}

function without(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const kept: string[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    kept.push(text.slice(at, start));
    at = end;
  }
  kept.push(text.slice(at));
  return kept.join('');
}

const SELECTOR = /([^\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]?)([\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]+)/gu;

/** One selector behind a character that has other forms stays; a row of them, or one behind a letter, carries data. */
function withoutIdleSelectors(text: string): string {
  return text.replace(SELECTOR, (_, base: string, selectors: string) => {
    const [first = ''] = selectors;
    return base + (selects(base, first) ? first : '');
  });
}

const WITH_EMOJI_FORM = /[\p{Emoji}\p{S}]/u;
const WITH_OLD_FORM = /\p{Script=Han}/u;
const WITH_FORMS = /[\p{Script=Han}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Phags_Pa}\p{Sm}]/u;

/** Text and emoji form, ideographic forms, the others (Unicode, StandardizedVariants). */
function selects(base: string, selector: string): boolean {
  if (selector === '\u{FE0E}' || selector === '\u{FE0F}') return WITH_EMOJI_FORM.test(base) || EMOJI.test(base);
  return (selector >= '\u{E0100}' ? WITH_OLD_FORM : WITH_FORMS).test(base);
}
