import { readElements, readMembers } from '../mcp/read-members.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { fingerprintOf } from '../integrity/fingerprint.js';
import { MAX_DEPTH } from '../integrity/max-depth.js';
import { parseJson } from '../integrity/parse-json.js';
import { stringMember } from '../model/json.js';
import { LISTS } from '../model/observation.js';
import type { Surface } from './guard.js';

export type List = (typeof LISTS)[number];

/** Returns the list that a method asks for; `undefined` where it asks for none. */
export function listOf(method: string): List | undefined {
  return LISTS.find((list) => list.method === method);
}

/**
 * Returns the JSON text of the result of a list request: the definitions that are allowed, each byte for byte as the server sent it, on
 * one page. What else the server wrote into the result is left out: nobody approved it.
 *
 * @param keep which of them
 */
export function listResult(
  surface: Surface,
  list: List,
  keep: (refText: string, name: string) => boolean,
  isModern: boolean,
): string {
  const shown = definitionsOf(surface, list).filter(({ refText, name }) => keep(refText, name));
  return resultOf(
    list,
    shown.map(({ text }) => text),
    isModern,
  );
}

/** Returns the JSON text of the result of a list request with these definitions. */
export function resultOf({ member }: List, texts: readonly string[], isModern: boolean): string {
  // MCP 2026-07-28: every result says that it is complete; this one is not to be kept, since an approval may end at any moment.
  const more = isModern ? ',"resultType":"complete","ttlMs":0,"cacheScope":"private"' : '';
  return `{"${member}":[${texts.join(',')}]${more}}`;
}

/**
 * Returns every well-formed definition of a list, as sent.
 *
 * It is found by its bytes, not by its name alone: two readers may see another name in an element that has two members "name", and it
 * would pass as the approved one.
 */
export function definitionsOf(
  { observation, snapshot }: Surface,
  list: List,
): readonly { readonly refText: string; readonly name: string; readonly text: string }[] {
  const known = new Map(
    snapshot.definitions
      .filter(({ ref }) => ref.kind === list.kind)
      .map(({ ref, refText, rawFingerprint }) => [`${rawFingerprint} ${ref.name}`, { refText, name: ref.name }]),
  );
  return textsOf(observation.pages, list).flatMap((text) => {
    const { value, flaws } = parseJson(text, { maxDepth: MAX_DEPTH });
    const key = `${fingerprintOf(canonicalize(value))} ${stringMember(value, NAMES[list.kind]) ?? ''}`;
    const definition = flaws.length > 0 ? undefined : known.get(key);
    return definition === undefined ? [] : [{ ...definition, text }];
  });
}

const NAMES = { tool: 'name', prompt: 'name', resource: 'uri', 'resource-template': 'uriTemplate' } as const;

function textsOf(pages: Surface['observation']['pages'], { method, member }: List): readonly string[] {
  const texts: string[] = [];
  for (const page of pages) {
    if (page.method !== method) continue;
    const range = readMembers(page.result, [member])?.get(member);
    if (range !== undefined) readElements(page.result.slice(range.start, range.end), (element) => texts.push(element));
  }
  return texts;
}
