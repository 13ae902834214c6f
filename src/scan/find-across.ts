import { isAtLeast } from '../model/finding.js';
import type { Pointer } from '../model/pointer.js';
import type { RulePack } from './rule-pack.js';
import { outputSeverity, type Rule } from './rule.js';

/** A text of an item, as it goes on. */
export interface ItemText {
  readonly pointer: Pointer;
  readonly text: string;
}

/** What two items say together and neither alone. */
interface AcrossMatch {
  readonly rule: Rule;
  readonly pointers: readonly [Pointer, Pointer];
}

/** What is read of the end of one item and the beginning of the next; no rule's parts lie further from each other. */
const EDGE = 300;

/**
 * Returns what begins in one item of a result and ends in the next, of rules of at least medium severity: a model reads them as one text.
 * The work is at most that of reading all of them once more.
 */
export function findAcross(items: readonly ItemText[], pack: RulePack): readonly AcrossMatch[] {
  const readable = items.filter(({ text }) => text !== '');
  return readable.slice(1).flatMap((next, index): readonly AcrossMatch[] => {
    const before = readable[index];
    if (before === undefined) return [];
    const start = before.text.slice(-EDGE);
    const { matches } = pack.matchOutput(`${start} ${next.text.slice(0, EDGE)}`);
    const rules = matches.flatMap((match) => {
      const isAcross = match.kind === 'match' && match.span.start < start.length && match.span.end > start.length + 1;
      return isAcross && isAtLeast(outputSeverity(match.rule), 'medium') ? [match.rule] : [];
    });
    return [...new Set(rules)].map((rule) => ({ rule, pointers: [before.pointer, next.pointer] }));
  });
}
