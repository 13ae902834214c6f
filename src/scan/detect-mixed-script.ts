import { makeVisible, quote } from '../quote.js';
import { isTakenForLatin } from './look-alikes.js';
import type { Detected } from './text-detector.js';

/**
 * Finds words with Latin letters in which one of another alphabet looks like another Latin letter (UTS 39, section 5). Units and
 * formulas such as `μs` and `Δx` are none: their Greek letter looks like no Latin one.
 */
export function detectMixedScriptWord(text: string): readonly Detected[] {
  if (!FOREIGN.test(text)) return [];
  return Array.from(text.matchAll(WORD)).flatMap(({ 0: word, index }) => {
    if (!isMixed(word)) return [];
    return [
      {
        span: { start: index, end: index + word.length },
        detail: `${quote(word)} has ${foreignLetters(word)}`,
      },
    ];
  });
}

const FOREIGN = /[^\P{L}\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const WORD = /\p{L}{3,}/gu;

function isMixed(word: string): boolean {
  return /[A-Za-z]/.test(word) && Array.from(word).some(isTakenForLatin) && Array.from(word).every(isLatinOrLookAlike);
}

/** In an honest mixture, such as a Russian word glued to an English one, other Cyrillic letters occur as well. */
function isLatinOrLookAlike(letter: string): boolean {
  return isTakenForLatin(letter) || /\p{Script=Latin}/u.test(letter);
}

function foreignLetters(word: string): string {
  const letters = [...new Set(Array.from(word).filter(isTakenForLatin))];
  return letters.map((letter) => `${makeVisible(letter)} (U+${codeOf(letter)})`).join(', ');
}

function codeOf(letter: string): string {
  return (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
