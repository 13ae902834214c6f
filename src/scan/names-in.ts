/** More names in one description say nothing but that somebody lists them. */
const MAX_NAMES = 200;

/** Returns the words of a text that are written like names of tools, each once: `list_notes`, `list-notes`, `listNotes`. */
export function namesIn(text: string): readonly string[] {
  if (!text.includes('_') && !text.includes('-') && !CAPITAL_WITHIN.test(text)) return [];
  const names = new Set(text.match(NAME));
  // A part of a string keeps the whole in memory, and these are kept for long: they are strings of their own.
  return Array.from(names)
    .slice(0, MAX_NAMES)
    .map((name) => name.split('').join(''));
}

const CAPITAL_WITHIN = /[a-z][A-Z]/;
const NAME = /\b(?:[A-Za-z0-9]+[_-]|[a-z]+[A-Z])[\w.-]*\w/g;

/** Returns all words of a text, each once, with what may join them within a name. */
export function wordsIn(text: string): readonly string[] {
  return Array.from(new Set(text.match(WORD))).slice(0, MAX_NAMES);
}

const WORD = /[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?/gu;
