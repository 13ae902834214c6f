import { CONFUSABLES } from './confusables.js';

/** Letters that look so much like a Latin one, in common typefaces, that a word with one of each is a disguise. */
const ALIKE: readonly (readonly [letters: string, latin: string])[] = [
  ['аɑ', 'a'],
  ['АΑ', 'A'],
  ['Ь', 'b'],
  ['ВΒ', 'B'],
  ['сϲ', 'c'],
  ['СϹ', 'C'],
  ['ԁ', 'd'],
  ['еҽ', 'e'],
  ['ЕΕ', 'E'],
  ['ɡ', 'g'],
  ['һ', 'h'],
  ['НΗ', 'H'],
  ['іıι', 'i'],
  ['ІΙ', 'I'],
  ['ј', 'j'],
  ['Ј', 'J'],
  ['КΚ', 'K'],
  ['ӏ', 'l'],
  ['МΜ', 'M'],
  ['ո', 'n'],
  ['Ν', 'N'],
  ['оοօ', 'o'],
  ['ОΟ', 'O'],
  ['рρ', 'p'],
  ['РΡ', 'P'],
  ['ԛ', 'q'],
  ['ѕ', 's'],
  ['Ѕ', 'S'],
  ['ТΤ', 'T'],
  ['υս', 'u'],
  ['ѵν', 'v'],
  ['ԝ', 'w'],
  ['хχ', 'x'],
  ['ХΧ', 'X'],
  ['у', 'y'],
  ['УΥ', 'Y'],
  ['Ζ', 'Z'],
];

/** Letters of other alphabets that look like a Latin one at a glance, with that one. */
export const LOOK_ALIKES: ReadonlyMap<string, string> = new Map([...CONFUSABLES, ...ALIKE].flatMap(lettersOf));

/**
 * Returns whether a letter of another alphabet is taken for a Latin one when it stands in a Latin word. Greek ones count only where they are
 * the same in print: `αmax` and `σmin` are formulas.
 */
export function isTakenForLatin(letter: string): boolean {
  if (/\p{Script=Latin}/u.test(letter)) return false;
  return CLOSE.has(letter) || (LOOK_ALIKES.has(letter) && !/\p{Script=Greek}/u.test(letter));
}

const CLOSE: ReadonlyMap<string, string> = new Map(ALIKE.flatMap(lettersOf));

function lettersOf([letters, latin]: readonly [string, string]): readonly [string, string][] {
  return Array.from(letters, (letter) => [letter, latin]);
}
