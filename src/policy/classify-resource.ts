import type { Edit } from '../model/drift.js';
import { pointerTokens } from '../model/pointer.js';
import { type Meaning, memberEdits, placeOf, unknownMember } from './meaning.js';

/** Returns what an edit in a resource or a resource template means. */
export function classifyResource(first: string, rest: readonly string[], edit: Edit): readonly Meaning[] {
  switch (first) {
    case 'mimeType':
      // The type decides how a client treats the content: as text for the model, a page, an image.
      return [{ class: 'capability', because: 'its content is of another type' }];
    case 'size':
      return [plain(edit, isNumber)];
    case 'annotations':
      return rest.length > 0 ? [classifyAnnotation(rest[0] ?? '', edit)] : classifyAll(edit);
    default:
      return [unknownMember(edit)];
  }
}

function classifyAll(edit: Edit): readonly Meaning[] {
  const members = memberEdits(edit)?.map((member) =>
    classifyAnnotation(pointerTokens(member.pointer)[1] ?? '', member),
  );
  return members === undefined || members.length === 0 ? [unknownMember(edit)] : members;
}

function classifyAnnotation(name: string, edit: Edit): Meaning {
  switch (name) {
    case 'lastModified':
      return plain(edit, isDate);
    case 'priority':
      // Only an order of importance: what it is and who gets it stay the same.
      return plain(edit, isNumber);
    case 'audience':
      return { class: 'capability', because: 'it is meant for other readers: the model, the user, or both' };
    default:
      return unknownMember(edit);
  }
}

/** A value that has no room for text; in the place of one, text is an unknown like any other. */
function plain(edit: Edit, isPlain: (value: unknown) => boolean): Meaning {
  return edit.after === undefined || isPlain(edit.after)
    ? { class: 'cosmetic', because: `${placeOf(edit)} changed` }
    : unknownMember(edit);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^[\dTtZz:.+-]{1,40}$/.test(value);
}
