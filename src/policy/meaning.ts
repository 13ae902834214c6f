import type { ChangeClass, Edit } from '../model/drift.js';
import { isJsonObject, type JsonValue, memberOf } from '../model/json.js';
import { pointerTo } from '../model/pointer.js';
import { quote } from '../quote.js';

/** One thing that a change may mean, and why. */
export interface Meaning {
  readonly class: ChangeClass;
  /** One sentence, server text quoted. */
  readonly because: string;
}

/** Returns the meaning of an edit to a text that a model or a person reads. What is not text where text belongs is an unknown. */
export function wording(edit: Edit): Meaning {
  return isTextOnly(edit)
    ? { class: 'wording', because: `the text of ${placeOf(edit)} changed` }
    : { class: 'capability', because: `${placeOf(edit)} is something else than text` };
}

/** Returns the meaning of a member that we do not know: text is text; anything else may switch something in a client. */
export function unknownMember(edit: Edit): Meaning {
  return isTextOnly(edit) ? wording(edit) : { class: 'capability', because: `${placeOf(edit)} changed` };
}

/** Returns where an edit is, for a sentence. */
export function placeOf({ pointer }: Edit): string {
  return pointer === '' ? 'the whole definition' : quote(pointer, 80);
}

/** Returns an edit of a whole object, also one that appeared or vanished, as edits of its members; undefined for other values. */
export function memberEdits(edit: Edit): readonly Edit[] | undefined {
  const sides = [edit.before, edit.after].filter((side) => side !== undefined);
  if (!sides.every((side) => isJsonObject(side))) return undefined;
  const names = new Set(sides.flatMap((side) => Object.keys(side)));
  return [...names].map((name) =>
    editOf(pointerTo(edit.pointer, name), memberOf(edit.before, name), memberOf(edit.after, name)),
  );
}

function editOf(pointer: string, before: JsonValue | undefined, after: JsonValue | undefined): Edit {
  return { pointer, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function isTextOnly({ before, after }: Edit): boolean {
  return [before, after].every((value) => value === undefined || typeof value === 'string');
}
