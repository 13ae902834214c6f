import { isJsonArray, isJsonObject, type JsonArray, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import { type Pointer, pointerTo } from '../model/pointer.js';
import { quote } from '../quote.js';
import { allowedBy, compareKeyword, type Direction, flipped } from './schema-keywords.js';
import { type References, referencesOf } from './schema-references.js';
import {
  BRANCHES_KEYWORDS,
  CONDITION_KEYWORDS,
  FOLLOWED_KEYWORDS,
  NAMED_SCHEMAS_KEYWORDS,
  POSITIONS_KEYWORDS,
  SUBSCHEMA_KEYWORDS,
  TEXT_KEYWORDS,
  withoutTexts,
} from './schema-shape.js';

/** One place where a schema accepts more (`widened`), less (`narrowed`), or nobody can tell (`unclear`). */
export interface SchemaChange {
  readonly pointer: Pointer;
  readonly direction: Direction;
  /** One sentence, server text quoted. */
  readonly because: string;
}

/** A hostile pair of schemas must not take minutes: what is beyond so many comparisons is `unclear`. */
const MAX_STEPS = 200_000;
/** References can be chained for thousands of levels, and the stack is not that deep. */
const MAX_LEVELS = 200;

/**
 * Returns what two JSON Schemas (2020-12, and the older spellings) differ in, by meaning: local references are followed on
 * both sides, so that moving a part into `$defs` is no difference. Texts (`title`, `description`, `$comment`, `examples`)
 * are left out. Total, and bounded in time and depth: what is not compared is `unclear`, never equal.
 */
export function compareSchemas(
  before: JsonValue,
  after: JsonValue,
  options: { readonly pointer: Pointer; readonly of: 'input' | 'output' },
): readonly SchemaChange[] {
  const references = [referencesOf(before), referencesOf(after)] as const;
  const seen = { plain: new Map(), negated: new Map(), unclear: new Map() };
  const walk: Walk = { references, of: options.of, mode: 'plain', budget: { steps: 0 }, seen, changes: [] };
  compareAt(walk, { pointer: options.pointer, level: 0 }, before, after);
  // An anchor or another document may lead to what no pointer led to: then a difference anywhere may be one in its effect.
  const isSeenWhole = references.every(({ areAllFollowed }) => areAllFollowed);
  if (!isSeenWhole && JSON.stringify(withoutTexts(before)) !== JSON.stringify(withoutTexts(after))) {
    add(walk, options, 'unclear', 'it changed, and has references that cannot be followed');
  }
  return walk.changes;
}

/** What a difference means depends on where it is: under `not` the other way round, under a condition nobody can tell. */
type Mode = 'plain' | 'negated' | 'unclear';

interface Walk {
  readonly references: readonly [References, References];
  readonly of: 'input' | 'output';
  readonly mode: Mode;
  readonly budget: { steps: number };
  /** Pairs that were compared already, or are being compared further up: a second time would say the same. */
  readonly seen: Readonly<Record<Mode, Map<JsonObject, Set<JsonObject>>>>;
  readonly changes: SchemaChange[];
}

interface Place {
  readonly pointer: Pointer;
  readonly level: number;
}

type Side = JsonValue | undefined;

function compareAt(walk: Walk, place: Place, before: JsonValue, after: JsonValue): void {
  if (!spend(walk, place, 1)) return;
  const a = walk.references[0].resolve(before);
  const b = walk.references[1].resolve(after);
  if (wasSeen(walk.seen[walk.mode], a, b)) return;
  if (place.level > MAX_LEVELS) {
    add(walk, place, 'unclear', 'the schema is nested too deep to be compared');
    return;
  }
  // One allowed value is written as `const` or as an `enum` of one.
  comparePlain(walk, place, 'enum', allowedBy(a), allowedBy(b));
  for (const keyword of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (!spend(walk, place, 1)) return;
    if (NOT_COMPARED.has(keyword)) continue;
    compareMember(walk, below(place, keyword), keyword, memberOf(a, keyword), memberOf(b, keyword));
  }
}

const NOT_COMPARED = new Set([...TEXT_KEYWORDS, ...FOLLOWED_KEYWORDS, 'enum', 'const']);

function wasSeen(seen: Map<JsonObject, Set<JsonObject>>, before: JsonObject, after: JsonObject): boolean {
  const partners = seen.get(before) ?? new Set();
  if (partners.has(after)) return true;
  seen.set(before, partners.add(after));
  return false;
}

/** Returns whether there is something left to spend; the first time there is not, that is a change of its own. */
function spend(walk: Walk, place: Place, cost: number): boolean {
  const { budget } = walk;
  const wasLeft = budget.steps <= MAX_STEPS;
  budget.steps += cost;
  if (wasLeft && budget.steps > MAX_STEPS) add(walk, place, 'unclear', 'the schema is too large to be compared');
  return budget.steps <= MAX_STEPS;
}

function compareMember(walk: Walk, place: Place, keyword: string, before: Side, after: Side): void {
  const sides = [before, after].filter((side) => side !== undefined);
  if (NAMED_SCHEMAS_KEYWORDS.has(keyword) && sides.every(isJsonObject)) {
    compareByName(walk, place, keyword, before, after);
  } else if (BRANCHES_KEYWORDS.has(keyword) && sides.every(isJsonArray)) {
    compareBranches(walk, place, keyword, asArray(before), asArray(after));
  } else if (POSITIONS_KEYWORDS.has(keyword) && sides.every(isJsonArray)) {
    comparePositions(walk, place, keyword, asArray(before), asArray(after));
  } else if (SUBSCHEMA_KEYWORDS.has(keyword) && sides.every(isSchema)) {
    compareAt(walk, place, before ?? true, after ?? true);
  } else if (CONDITION_KEYWORDS.has(keyword) && sides.every(isSchema)) {
    compareAt({ ...walk, mode: 'unclear' }, place, before ?? true, after ?? true);
  } else if (keyword === 'not' && sides.every(isSchema)) compareNegation(walk, place, before, after);
  else comparePlain(walk, place, keyword, before, after);
}

function comparePlain(walk: Walk, place: Place, keyword: string, before: Side, after: Side): void {
  const [a, b] = [before, after].map((side) => (side === undefined ? '' : JSON.stringify(side)));
  if (!spend(walk, place, Math.ceil(((a ?? '').length + (b ?? '').length) / 64)) || a === b) return;
  for (const { direction, because } of compareKeyword(keyword, before, after, walk.of)) {
    add(walk, place, direction, because);
  }
}

/** A parameter that appears is more to hand over, even where unknown ones were allowed before: now the model knows of it. */
function compareByName(walk: Walk, place: Place, keyword: string, before: Side, after: Side): void {
  const names = [before, after].flatMap((side) => (isJsonObject(side) ? Object.keys(side) : []));
  const what = keyword === 'properties' ? 'parameter' : keyword;
  for (const name of new Set(names)) {
    const [from, to] = [memberOf(before, name), memberOf(after, name)];
    const here = below(place, name);
    if (!spend(walk, here, 1)) return;
    if (from === undefined) add(walk, here, 'widened', `${what} ${quote(name, 60)} was added`);
    else if (to === undefined) add(walk, here, 'narrowed', `${what} ${quote(name, 60)} was removed`);
    else if (isSchema(from) && isSchema(to)) compareAt(walk, here, from, to);
    else comparePlain(walk, here, keyword, from, to);
  }
}

function compareBranches(walk: Walk, place: Place, keyword: string, before: JsonArray, after: JsonArray): void {
  if (before.length === 0 && after.length === 0) return;
  // No branches means that nothing is asked, which accepts more than any list of them.
  if (after.length === 0) {
    add(walk, place, 'widened', `${keyword} was removed`);
    return;
  }
  const isMore = keyword !== 'allOf' && before.length > 0 ? 'widened' : 'narrowed';
  const { pairs, gone, come } = pairUp(walk, place, before, after);
  for (const [from, to] of pairs) compareAt(walk, below(place, after.indexOf(to)), from, to);
  for (const branch of come) {
    const here = below(place, after.indexOf(branch));
    add(walk, here, isMore, `${keyword} has another branch`);
    // A branch that only constrains can still bring a parameter, so its content counts too.
    if (isMore === 'narrowed') compareAt(walk, here, true, branch);
  }
  if (gone > 0) add(walk, place, flipped(isMore), `${keyword} has a branch less`);
}

interface Pairs {
  readonly pairs: readonly (readonly [JsonValue, JsonValue])[];
  readonly gone: number;
  readonly come: JsonArray;
}

/**
 * Pairs branches of equal form first, so that one inserted in the middle is not a change of all that follow; the others in
 * their order. Equal form can still mean something else: what a reference names may differ.
 */
function pairUp(walk: Walk, place: Place, before: JsonArray, after: JsonArray): Pairs {
  const left = new Map<string, JsonValue[]>();
  for (const branch of before) {
    const form = formOf(walk, place, branch);
    const alike = left.get(form);
    if (alike === undefined) left.set(form, [branch]);
    else alike.push(branch);
  }
  const equal = after.map((branch) => left.get(formOf(walk, place, branch))?.shift());
  const gone = [...left.values()].flat();
  const come = after.filter((_, index) => equal[index] === undefined);
  const paired = [...equal.entries()].flatMap(([index, from]): readonly (readonly [JsonValue, JsonValue])[] =>
    from === undefined ? [] : [[from, after[index] ?? true]],
  );
  const inOrder = gone.slice(0, come.length).map((from, index) => [from, come[index] ?? true] as const);
  return {
    pairs: [...paired, ...inOrder],
    gone: Math.max(0, gone.length - come.length),
    come: come.slice(gone.length),
  };
}

/** Once nothing is left to spend, all branches look alike: that it is unclear is written down already. */
function formOf(walk: Walk, place: Place, branch: JsonValue): string {
  if (!spend(walk, place, 1)) return '';
  const form = JSON.stringify(withoutTexts(branch));
  return spend(walk, place, Math.ceil(form.length / 16)) ? form : '';
}

function comparePositions(walk: Walk, place: Place, keyword: string, before: JsonArray, after: JsonArray): void {
  if (before.length !== after.length) add(walk, place, 'unclear', `${keyword} has another length`);
  after.slice(0, before.length).forEach((schema, index) => {
    compareAt(walk, below(place, index), before[index] ?? true, schema);
  });
}

function compareNegation(walk: Walk, place: Place, before: Side, after: Side): void {
  if (before === undefined) add(walk, place, 'narrowed', 'something is excluded now');
  else if (after === undefined) add(walk, place, 'widened', 'nothing is excluded any more');
  else compareAt({ ...walk, mode: MODE_UNDER_NOT[walk.mode] }, place, before, after);
}

const MODE_UNDER_NOT: Readonly<Record<Mode, Mode>> = { plain: 'negated', negated: 'plain', unclear: 'unclear' };

function isSchema(value: JsonValue): value is JsonObject | boolean {
  return typeof value === 'boolean' || isJsonObject(value);
}

function asArray(value: Side): JsonArray {
  return isJsonArray(value) ? value : [];
}

function below({ pointer, level }: Place, token: string | number): Place {
  return { pointer: pointerTo(pointer, token), level: level + 1 };
}

function add(walk: Walk, { pointer }: { readonly pointer: Pointer }, direction: Direction, because: string): void {
  walk.changes.push({ pointer, direction: directionIn(walk.mode, direction), because });
}

function directionIn(mode: Mode, direction: Direction): Direction {
  switch (mode) {
    case 'plain':
      return direction;
    case 'negated':
      return flipped(direction);
    case 'unclear':
      return 'unclear';
  }
}
