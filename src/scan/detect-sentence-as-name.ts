import { quote } from '../quote.js';
import type { Detected } from './text-detector.js';

/** Names of so many words are sentences; the longest honest one known has ten. */
const MANY_WORDS = 12;

/** Finds names of tools, arguments and parameters that are made of a dozen words and more. */
export function detectSentenceAsName(text: string): readonly Detected[] {
  if (text.length < 2 * MANY_WORDS || /[/: ]/.test(text)) return [];
  const words = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').match(/[A-Za-z]{2,}/g) ?? [];
  if (words.length < MANY_WORDS) return [];
  return [{ span: { start: 0, end: text.length }, detail: quote(words.join(' '), 120) }];
}
