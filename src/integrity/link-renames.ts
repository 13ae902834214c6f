import type { DefinitionKind, RefText } from '../model/definition.js';
import type { Change, Drift } from '../model/drift.js';
import { isJsonObject, type JsonValue } from '../model/json.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { canonicalize } from './canonicalize.js';
import { compareJson } from './compare-json.js';
import { MAX_DEPTH } from './max-depth.js';
import { parseJson } from './parse-json.js';

/** Of 100 words, 85 in common: a sentence may have changed with the name, the definition is still the same one. */
const MIN_SIMILARITY = 0.85;

/** Two definitions of hardly any text are similar by chance: they are linked only where they are equal. */
const MIN_WORDS = 8;

/** Beyond so many pairs only exact ones are linked: a server that renames hundreds of tools must not take minutes. */
const MAX_PAIRS = 10_000;

/**
 * Returns the drift with each vanished definition joined to a new one of the same kind that is near-identical apart from
 * its name, as one `renamed` change of the new one, whose edits are those against the vanished one. Each is used once, the
 * most alike first.
 *
 * A link only helps a reader: the new definition is held like any other, linked or not.
 */
export function linkRenames(drift: Drift, baseline: Baseline, snapshot: Snapshot): Drift {
  const removed = drift.flatMap((change) => side(change, 'removed', approvedValue(change.refText, baseline)));
  const values = new Map(
    snapshot.definitions.map(({ refText, flaws, value }) => [refText, flaws.length > 0 ? undefined : value]),
  );
  const added = drift.flatMap((change) => side(change, 'added', values.get(change.refText)));
  const links = pickLinks(removed, added);
  const gone = new Set([...links.values()].map(({ change }) => change.refText));
  return drift.flatMap((change) => {
    const link = links.get(change);
    if (link !== undefined) return [renamed(change, link, values.get(change.refText) ?? null)];
    return change.kind === 'removed' && gone.has(change.refText) ? [] : [change];
  });
}

/** One half of a possible rename. */
interface Side {
  readonly change: Change;
  readonly value: JsonValue;
  /** Canonical form of everything but the names. */
  readonly rest: string;
  readonly words: ReadonlyMap<string, number>;
  readonly wordCount: number;
}

/** Of resources the name stays: hundreds differ in nothing but name and URI, and none of them is another's new name. */
const NAMES: Readonly<Record<DefinitionKind, readonly string[]>> = {
  tool: ['name', 'title'],
  prompt: ['name', 'title'],
  resource: ['uri'],
  'resource-template': ['uriTemplate'],
  instructions: [],
  server: [],
  provenance: [],
  face: [],
  posture: [],
  certificate: [],
};

function side(change: Change, kind: Change['kind'], value: JsonValue | undefined): readonly Side[] {
  if (change.kind !== kind || !isJsonObject(value)) return [];
  const names = NAMES[change.ref.kind];
  const rest = canonicalize(Object.fromEntries(Object.entries(value).filter(([member]) => !names.includes(member))));
  const list = rest.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const words = new Map<string, number>();
  for (const word of list) words.set(word, (words.get(word) ?? 0) + 1);
  return [{ change, value, rest, words, wordCount: list.length }];
}

function approvedValue(refText: RefText, baseline: Baseline): JsonValue | undefined {
  const approved = baseline.approved.get(refText);
  return approved && parseJson(approved.content, { maxDepth: MAX_DEPTH }).value;
}

function pickLinks(removed: readonly Side[], added: readonly Side[]): ReadonlyMap<Change, Side> {
  const pairs = removed.length * added.length > MAX_PAIRS ? exactPairs(removed, added) : similarPairs(removed, added);
  const links = new Map<Change, Side>();
  const used = new Set<Side>();
  for (const { from, to } of pairs) {
    if (links.has(to.change) || used.has(from)) continue;
    links.set(to.change, from);
    used.add(from);
  }
  return links;
}

interface Pair {
  readonly from: Side;
  readonly to: Side;
}

function exactPairs(removed: readonly Side[], added: readonly Side[]): readonly Pair[] {
  const key = ({ change, rest }: Side): string => `${change.ref.kind} ${rest}`;
  const byRest = new Map<string, Side[]>();
  for (const from of removed) {
    const alike = byRest.get(key(from));
    if (alike === undefined) byRest.set(key(from), [from]);
    else alike.push(from);
  }
  return added.flatMap((to) => {
    const from = byRest.get(key(to))?.pop();
    return from === undefined ? [] : [{ from, to }];
  });
}

function similarPairs(removed: readonly Side[], added: readonly Side[]): readonly Pair[] {
  const pairs = removed.flatMap((from) =>
    added
      .filter((to) => to.change.ref.kind === from.change.ref.kind)
      .map((to) => ({ from, to, similarity: similarity(from, to) })),
  );
  return pairs.filter((pair) => pair.similarity >= MIN_SIMILARITY).sort((a, b) => b.similarity - a.similarity);
}

/** Returns the share of words that two definitions have in common (Dice's coefficient), 1 for equal ones. */
function similarity(a: Side, b: Side): number {
  if (a.rest === b.rest) return 1;
  if (Math.min(a.wordCount, b.wordCount) < MIN_WORDS) return 0;
  const total = a.wordCount + b.wordCount;
  const most = (2 * Math.min(a.wordCount, b.wordCount)) / total;
  if (most < MIN_SIMILARITY) return most;
  let common = 0;
  for (const [word, count] of a.words) common += Math.min(count, b.words.get(word) ?? 0);
  // The order of words is not compared: only what is equal may count as wholly alike.
  return Math.min((2 * common) / total, 0.999);
}

function renamed(to: Change, from: Side, value: JsonValue): Change {
  const { ref, refText, after } = to;
  const { before, refText: renamedFrom } = from.change;
  return {
    kind: 'renamed',
    ref,
    refText,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    renamedFrom,
    edits: compareJson(from.value, value),
  };
}
