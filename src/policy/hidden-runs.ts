import type { JsonValue } from '../model/json.js';
import { textsIn } from './texts.js';

/**
 * Returns the runs of characters that show as nothing, reorder what is shown, or control a terminal, which the new document
 * has and the old one has not, or has fewer times.
 *
 * Only what nobody writes honestly: joiners between letters that are joined, in emoji, a variation selector after a
 * character, a soft hyphen, a byte order mark in front. What can be either is left to the rules of the scan, which look closer.
 * This here does not depend on which rules are installed.
 */
export function newHiddenRuns(before: JsonValue | undefined, after: JsonValue | undefined): readonly string[] {
  const known = new Map<string, number>();
  for (const run of textsIn(before).flatMap(hiddenRuns)) known.set(run, (known.get(run) ?? 0) + 1);
  return textsIn(after)
    .flatMap(hiddenRuns)
    .filter((run) => {
      const left = known.get(run) ?? 0;
      known.set(run, left - 1);
      return left <= 0;
    });
}

const HIDDEN_RUN =
  /[\u{0}-\u{8}\u{B}\u{C}\u{E}-\u{1F}\u{7F}-\u{9F}\u{34F}\u{115F}\u{1160}\u{180B}-\u{180F}\u{200B}-\u{200D}\u{202A}-\u{202E}\u{2060}-\u{206F}\u{3164}\u{FE00}-\u{FE0F}\u{FEFF}\u{FFA0}\u{FFF9}-\u{FFFB}\u{E0000}-\u{E01EF}]+/gu;

function hiddenRuns(text: string): readonly string[] {
  return Array.from(text.matchAll(HIDDEN_RUN)).flatMap(({ 0: run, index }) =>
    mayBeHonest(run, text.slice(Math.max(0, index - 2), index)) ? [] : [run],
  );
}

/** The flags of England, Scotland and Wales are written in tag characters (UTS 51, annex C). */
const FLAG = /^[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,6}\u{E007F}$/u;
const ONE_SELECTOR = /^[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]$/u;
/** Joins or shapes letters and emoji in other scripts than the Latin one; a selector may stand in front of the joiner. */
const ONE_JOINER = /^\u{FE0F}?[\u{34F}\u{115F}\u{1160}\u{180B}-\u{180F}\u{200B}-\u{200D}\u{2060}\u{3164}\u{FFA0}]$/u;

function mayBeHonest(run: string, before: string): boolean {
  if (before.endsWith('\u{1F3F4}')) return FLAG.test(run);
  if (before === '') return run === '\u{FEFF}';
  if (ONE_SELECTOR.test(run)) return true;
  return ONE_JOINER.test(run) && !/[\p{ASCII}\p{Script=Latin}]$/u.test(before);
}
