import type { Edit } from '../model/drift.js';
import { stringMember } from '../model/json.js';
import { quote } from '../quote.js';
import { type Meaning, unknownMember, wording } from './meaning.js';

/** Returns what an edit in a prompt means. */
export function classifyPrompt(first: string, rest: readonly string[], edit: Edit): readonly Meaning[] {
  if (first !== 'arguments') return [unknownMember(edit)];
  const member = rest[1];
  if (member === undefined) return [classifyArgument(edit)];
  switch (member) {
    case 'title':
    case 'description':
      return [wording(edit)];
    case 'required':
      return [classifyRequired(edit)];
    case 'name':
      return [{ class: 'capability', because: 'an argument has another name' }];
    default:
      return [unknownMember(edit)];
  }
}

function classifyArgument(edit: Edit): Meaning {
  const name = stringMember(edit.after ?? edit.before, 'name');
  const shown = name === undefined ? 'arguments' : `argument ${quote(name, 60)}`;
  if (edit.before === undefined) return { class: 'capability', because: `${shown} came` };
  if (edit.after === undefined) return { class: 'narrowing', because: `${shown} went` };
  return { class: 'capability', because: `${shown} changed` };
}

/** Required where it was not: somebody is made to supply it. Not required any more: it runs without. Neither is harmless. */
function classifyRequired({ before, after }: Edit): Meaning {
  if ((before ?? false) === (after ?? false))
    return { class: 'cosmetic', because: 'required says what it said before' };
  return {
    class: 'capability',
    because: `an argument is ${after === true ? 'required now' : 'not required any more'}`,
  };
}
