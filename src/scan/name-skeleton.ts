import { normalizeText } from './normalize-text.js';

/** Digits and pairs of letters that are read as a letter in many typefaces. */
const CONFUSED: readonly (readonly [RegExp, string])[] = [
  [/0/g, 'o'],
  [/[1|!]/g, 'l'],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
];

/**
 * Returns what a tool's name looks like at a glance: look-alike letters made the same, separators and case dropped,
 * a trailing version (`_v2`, `-new`) dropped. Two names with one skeleton are easily taken for each other.
 */
export function nameSkeleton(name: string): string {
  const plain = normalizeText(name)
    .text.toLowerCase()
    .replace(/[_\-. ](?:v?\d+|new|latest|secure|official|pro)$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '');
  return CONFUSED.reduce((text, [from, to]) => text.replace(from, to), plain);
}
