import type { SplitRule } from './match-text.js';

/**
 * Returns whether three texts, given by their places, have together all groups of a rule that none of them has alone; one of them can be given
 * twice. A number holds the groups of a rule as bits: this is asked for every tool of every scan.
 */
export function meetingOf(
  texts: readonly { readonly groups: readonly number[] }[],
  rules: readonly SplitRule[],
): (first: number, second: number, third: number) => boolean {
  const whole = rules.map(({ groups }) => 2 ** groups.length - 1);
  const bits = bitsOf(texts, rules);
  const count = rules.length;
  return (first, second, third) => {
    for (let rule = 0; rule < count; rule += 1) {
      const a = bits[first * count + rule] ?? 0;
      const b = bits[second * count + rule] ?? 0;
      const c = bits[third * count + rule] ?? 0;
      const all = whole[rule] ?? 0;
      if ((a | b | c) === all && a !== all && b !== all && c !== all) return true;
    }
    return false;
  };
}

/** Of each text, and of each rule, which groups of the rule the text has. */
function bitsOf(texts: readonly { readonly groups: readonly number[] }[], rules: readonly SplitRule[]): Uint32Array {
  const uses: (readonly (readonly [number, number])[])[] = [];
  for (const [rule, { groups }] of rules.entries()) {
    for (const [bit, group] of groups.entries()) uses[group] = [...(uses[group] ?? []), [rule, 2 ** bit]];
  }
  const bits = new Uint32Array(texts.length * rules.length);
  for (const [place, { groups }] of texts.entries()) {
    for (const group of groups) {
      for (const [rule, bit] of uses[group] ?? [])
        bits[place * rules.length + rule] = (bits[place * rules.length + rule] ?? 0) | bit;
    }
  }
  return bits;
}
