import type { Text } from './collect-texts.js';
import type { FailedTogether, FoundTogether } from './find-split.js';
import { joinParts, type Part, placesOf } from './join-parts.js';
import type { RulePack } from './rule-pack.js';
import type { Span } from './span.js';

/** Where something was found in parts together. */
export type FoundPlaces = Pick<FoundTogether, 'places' | 'words'>;

/** What was found in parts that are read as one text. */
export type FoundInRow =
  | FoundTogether
  | FailedTogether
  | ({ readonly kind: 'suspicion'; readonly score: number } & FoundPlaces)
  | { readonly kind: 'unread'; readonly at: Text };

/** Returns what rules and learned model find in two parts or more that are read as one text, where it lies in several of them. */
export function readAsOne(row: readonly Part[], pack: RulePack): readonly FoundInRow[] {
  const [first] = row;
  if (first === undefined) return [];
  const joined = joinParts(row);
  const { matches, suspicion, isWhole } = pack.matchText(joined.text);
  const across = (span: Span): FoundPlaces | undefined => {
    const places = placesOf(joined, span);
    return places.length < 2 ? undefined : { places, words: joined.text.slice(span.start, span.end) };
  };
  const found = matches.flatMap((match): readonly FoundInRow[] => {
    if (match.kind === 'failed') return [{ ...match, at: first.text }];
    const where = across(match.span);
    return where === undefined ? [] : [{ kind: 'match', rule: match.rule, ...where }];
  });
  const suspected = suspicion && across(suspicion.span);
  return [
    ...found,
    ...(suspicion && suspected ? [{ kind: 'suspicion', score: suspicion.score, ...suspected } as const] : []),
    ...(isWhole ? [] : [{ kind: 'unread', at: first.text } as const]),
  ];
}
