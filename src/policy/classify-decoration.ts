import type { Edit } from '../model/drift.js';
import { pointerTokens } from '../model/pointer.js';
import { type Meaning, placeOf } from './meaning.js';
import { isProse, textsIn } from './texts.js';

/**
 * Returns what an edit of icons means. Pictures are loaded from somewhere: a new host is told apart elsewhere, and an address
 * that is none of the usual ones may run something in the client that shows it.
 */
export function classifyIcon(edit: Edit): readonly Meaning[] {
  const texts = newTexts(edit).filter((text) => !/^(?:https?:\/\/\S{1,2000}|data:image\/(?!svg)\S*)$/.test(text));
  if (texts.some((text) => /^\s*(?!https?:)[a-z][a-z0-9+.-]*:/i.test(text) && !text.startsWith('data:image/'))) {
    return [{ class: 'capability', because: `${placeOf(edit)} is no address of a picture` }];
  }
  // An SVG is a text: what stands in it is read by whoever looks at the picture.
  if (texts.some((text) => isProse(text) || text.startsWith('data:'))) return [text(edit)];
  return [{ class: 'cosmetic', because: 'an icon changed' }];
}

/** Returns what an edit in `_meta` means: a value is nobody's business unless it says something to a reader. */
export function classifyMeta(edit: Edit): readonly Meaning[] {
  return newTexts(edit).some(isProse) ? [text(edit)] : [{ class: 'cosmetic', because: 'a value in "_meta" changed' }];
}

/** The names on the way belong to what is new: a member's name can hold a sentence as well as its value. */
function newTexts({ pointer, after }: Edit): readonly string[] {
  return after === undefined ? [] : [...pointerTokens(pointer), ...textsIn(after)];
}

function text(edit: Edit): Meaning {
  return { class: 'wording', because: `${placeOf(edit)} has text for a reader` };
}
