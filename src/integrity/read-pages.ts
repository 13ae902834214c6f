import { SealwatchError } from '../errors.js';
import type { DefinitionRef, Flaw } from '../model/definition.js';
import { isJsonArray, isJsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import { LISTS, type Page } from '../model/observation.js';
import { pointerTo, pointerTokens } from '../model/pointer.js';
import type { ServerId } from '../model/server-id.js';
import { quote } from '../quote.js';
import { formatRef } from './definition-ref.js';
import { envelopeError, type Found, oversizeFlaws } from './found.js';
import { type InexactNumber, type ParsedJson, parseJson } from './parse-json.js';

/** The result object and the array in it. */
const ENVELOPE_DEPTH = 2;

/**
 * Returns every definition on the pages of one observation, in the order sent.
 *
 * @throws {SealwatchError} `OBSERVE_SHAPE`, `JSON_SYNTAX`; `JSON_…` for flaws outside of all definitions.
 */
export function readPages(pages: readonly Page[], server: ServerId, limits: Limits): readonly Found[] {
  const listed = LISTS.flatMap((list) => {
    const elements = pages
      .filter(({ method }) => method === list.method)
      .flatMap((page) => readPage(page, list, limits));
    return elements.map((element, position) => nameElement(element, { server, kind: list.kind, position }));
  });
  return withDuplicateFlaws(listed);
}

type List = (typeof LISTS)[number];

type Element = Omit<Found, 'ref'>;

function readPage(page: Page, { method, member }: List, limits: Limits): readonly Element[] {
  const parsed = parseJson(page.result, { maxDepth: limits.maxDepth + ENVELOPE_DEPTH, elementsOf: member });
  const items = memberOf(parsed.value, member);
  const problems = problemsByElement(parsed, member, method);
  if (!isJsonArray(items)) {
    throw new SealwatchError('OBSERVE_SHAPE', `${method}: the result is not an object with an array "${member}"`);
  }
  return items.map((value, index) => {
    const { start = 0, end = 0 } = parsed.elements[index] ?? {};
    const text = page.result.slice(start, end);
    const { flaws = [], inexact = [] } = problems.get(index) ?? {};
    return { text, value, flaws: [...flaws, ...shapeFlaws(value, text, limits)], inexact };
  });
}

interface Problems {
  readonly flaws: Flaw[];
  readonly inexact: InexactNumber[];
}

/** Sorts what was noticed by the element it is in. Inexact numbers elsewhere are nobody's; flaws elsewhere are an error. */
function problemsByElement(parsed: ParsedJson, member: string, method: string): ReadonlyMap<number, Problems> {
  const problems = new Map<number, Problems>();
  for (const flaw of parsed.flaws) {
    const place = placeIn(flaw.pointer, member);
    if (place === undefined) throw envelopeError(flaw, method);
    at(problems, place.index).flaws.push({ ...flaw, pointer: place.pointer });
  }
  for (const { pointer, lexeme } of parsed.inexact) {
    const place = placeIn(pointer, member);
    if (place !== undefined) at(problems, place.index).inexact.push({ pointer: place.pointer, lexeme });
  }
  return problems;
}

function placeIn(pointer: string, member: string): { readonly index: number; readonly pointer: string } | undefined {
  const [first, second, ...rest] = pointerTokens(pointer);
  if (first !== member || second === undefined) return undefined;
  return { index: Number(second), pointer: rest.reduce<string>(pointerTo, '') };
}

function at(problems: Map<number, Problems>, index: number): Problems {
  const known = problems.get(index);
  if (known !== undefined) return known;
  const fresh: Problems = { flaws: [], inexact: [] };
  problems.set(index, fresh);
  return fresh;
}

function shapeFlaws(value: JsonValue, text: string, limits: Limits): readonly Flaw[] {
  const notAnObject: Flaw = { code: 'NOT_AN_OBJECT', pointer: '', message: `not an object: ${quote(text, 40)}` };
  return [...(isJsonObject(value) ? [] : [notAnObject]), ...oversizeFlaws(text, limits)];
}

/** Tools and prompts go by their name; a resource's name is for people, its URI is what is asked for. */
const NAMED_BY: Readonly<Record<List['kind'], string>> = {
  tool: 'name',
  prompt: 'name',
  resource: 'uri',
  'resource-template': 'uriTemplate',
};

function nameElement(
  element: Element,
  place: { readonly server: ServerId; readonly kind: List['kind']; readonly position: number },
): Found {
  const { server, kind, position } = place;
  const name = stringMember(element.value, NAMED_BY[kind]);
  if (name !== undefined) return { ...element, ref: { server, kind, name } };
  const ref: DefinitionRef = { server, kind, name: '', position };
  const flaw: Flaw = { code: 'NO_NAME', pointer: '', message: `no string member "${NAMED_BY[kind]}"` };
  return { ...element, ref, flaws: isJsonObject(element.value) ? [...element.flaws, flaw] : element.flaws };
}

function withDuplicateFlaws(listed: readonly Found[]): readonly Found[] {
  const counts = new Map<string, number>();
  const refTexts = listed.map(({ ref }) => formatRef(ref));
  for (const refText of refTexts) counts.set(refText, (counts.get(refText) ?? 0) + 1);
  return listed.map((found, index) => {
    const count = counts.get(refTexts[index] ?? '') ?? 1;
    if (count === 1) return found;
    const message = `one of ${count} definitions of the name ${quote(found.ref.name)}`;
    return { ...found, flaws: [...found.flaws, { code: 'DUPLICATE_NAME', pointer: '', message }] };
  });
}
