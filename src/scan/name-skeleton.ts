import { normalizeText } from './normalize-text.js';

/** Digits and pairs of letters that are read as a letter in many typefaces. */
const CONFUSED: readonly (readonly [RegExp, string])[] = [
  [/0/g, 'o'],
  [/[1|!]/g, 'l'],
  [/rn/g, 'm'],
  [/vv/g, 'w'],
];

/** Each server is held against the names of all others, so hundreds of servers ask for the same few thousand names over and over. */
const MAX_REMEMBERED = 20_000;

/** A hostile server could fill memory with long names, and time with long ends of names. */
const MAX_REMEMBERED_LENGTH = 128;

/** What is put at the end of a name to make it look newer or better; several of it, too. */
const PRAISE =
  /(?:[_\-. ](?:v?\d+|new|latest|updated|fixed|secure|safe|verified|trusted|official|original|real|pro|plus|premium|advanced|enhanced|improved|better|fast))+$/;

const remembered = new Map<string, string>();

/**
 * Returns what a tool's name looks like at a glance: look-alike letters made the same, separators and case dropped,
 * a trailing version or praise (`_v2`, `-new`, `_pro`) dropped. Two names with one skeleton are easily taken for each other.
 */
export function nameSkeleton(name: string): string {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const skeleton = skeletonOf(name);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  if (name.length <= MAX_REMEMBERED_LENGTH) remembered.set(name, skeleton);
  return skeleton;
}

function skeletonOf(name: string): string {
  const plain = normalizeText(name)
    .text.toLowerCase()
    .replace(name.length > MAX_REMEMBERED_LENGTH ? '' : PRAISE, '')
    .replace(/[^\p{L}\p{N}]+/gu, '');
  return CONFUSED.reduce((text, [from, to]) => text.replace(from, to), plain);
}
