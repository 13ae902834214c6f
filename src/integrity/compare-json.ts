import type { Edit } from '../model/drift.js';
import { isJsonArray, isJsonObject, type JsonArray, type JsonObject, type JsonValue } from '../model/json.js';
import { type Pointer, pointerTo } from '../model/pointer.js';
import { alignItems } from './align-items.js';

/**
 * Returns the places where two documents differ, members in order of their names; none where their canonical forms are equal.
 *
 * Items that an array has in common are matched first, so that one inserted into `required` is one edit and not one for
 * every item after it. Since an item may stand elsewhere then: the pointer of an edit with an `after` is a place in the
 * after document, the pointer of one without is a place in the before document.
 */
export function compareJson(before: JsonValue, after: JsonValue): readonly Edit[] {
  const edits: Edits = { found: [], room: MAX_POINTERS_LENGTH };
  compareAt({ before: '', after: '' }, before, after, edits);
  return edits.room < 0 ? [{ pointer: '', before, after }] : edits.found;
}

/**
 * Every edit repeats the names on its way: 20,000 members under a name of 20,000 characters would make 400 MB of pointers out
 * of a definition of a few hundred kilobytes. Beyond so many characters the whole document is one edit.
 */
const MAX_POINTERS_LENGTH = 2_000_000;

interface Edits {
  readonly found: Edit[];
  /** Characters that pointers may still take; below 0, nothing more is looked at. */
  room: number;
}

/** Where the same thing is in the two documents. */
interface Place {
  readonly before: Pointer;
  readonly after: Pointer;
}

function compareAt(place: Place, before: JsonValue, after: JsonValue, edits: Edits): void {
  if (edits.room < 0) return;
  if (isJsonObject(before) && isJsonObject(after)) compareMembers(place, before, after, edits);
  else if (isJsonArray(before) && isJsonArray(after)) compareItems(place, before, after, edits);
  else if (before !== after) add(edits, { pointer: place.after, before, after });
}

function compareMembers(place: Place, before: JsonObject, after: JsonObject, edits: Edits): void {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of [...names].sort()) {
    compareOptional(below(place, name, name), ownMember(before, name), ownMember(after, name), edits);
  }
}

function compareItems(place: Place, before: JsonArray, after: JsonArray, edits: Edits): void {
  for (const pair of alignItems(before, after)) {
    const { before: from, after: to } = pair;
    const here = below(place, from ?? to ?? 0, to ?? from ?? 0);
    compareOptional(here, itemAt(before, from), itemAt(after, to), edits);
  }
}

function compareOptional(
  place: Place,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  edits: Edits,
): void {
  if (before !== undefined && after !== undefined) compareAt(place, before, after, edits);
  else if (after !== undefined) add(edits, { pointer: place.after, after });
  else if (before !== undefined) add(edits, { pointer: place.before, before });
}

function add(edits: Edits, edit: Edit): void {
  edits.room -= edit.pointer.length;
  if (edits.room >= 0) edits.found.push(edit);
}

function below(place: Place, before: string | number, after: string | number): Place {
  return { before: pointerTo(place.before, before), after: pointerTo(place.after, after) };
}

function ownMember(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function itemAt(items: JsonArray, index: number | undefined): JsonValue | undefined {
  return index === undefined ? undefined : items[index];
}
