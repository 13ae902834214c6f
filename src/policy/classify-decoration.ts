import type { Edit } from '../model/drift.js';
import { pointerTokens } from '../model/pointer.js';
import { type Meaning, placeOf } from './meaning.js';
import { isProse, textsIn } from './texts.js';

/**
 * Returns what an edit of icons means. Pictures are loaded from somewhere: a new host is told apart elsewhere, and an address
 * that is none of the usual ones may run something in the client that shows it.
 */
export function classifyIcon(edit: Edit): readonly Meaning[] {
  const texts = newTexts(edit).filter((text) => !/^https:\/\/[\w.-]+(?::\d+)?\/[^\s\\]{0,2000}$/.test(text));
  if (texts.some((text) => /^\s*(?:[a-z][a-z0-9+.-]*:|[\\/])/i.test(text) && !/^data:image\//i.test(text))) {
    return [{ class: 'capability', because: `${placeOf(edit)} is no address of a picture` }];
  }
  // A picture that is carried along can show a text to a reader, and an SVG is one.
  if (texts.some((text) => isProse(text) || /^data:/i.test(text))) return [text(edit)];
  return [{ class: 'cosmetic', because: 'an icon changed' }];
}

/** A number, a date, a version or a digest: nothing that a sentence could be spelt with. */
const MARK = /^(?:\d[\d.:TZ+-]{0,40}|[0-9a-f]{7,64}|v?\d+(?:\.\d+){0,3}(?:-[a-z]{1,10}(?:\.\d+)?)?)$/i;

/**
 * Returns what an edit in `_meta` means: another number, date, version or digest in a known place is nobody's business. Switches
 * there are read by clients, and words, one by one or all together, by models.
 */
export function classifyMeta(edit: Edit): readonly Meaning[] {
  const { before, after } = edit;
  const isMark = typeof after === 'number' || (typeof after === 'string' && MARK.test(after));
  if (before !== undefined && isMark) return [{ class: 'cosmetic', because: 'a value in "_meta" changed' }];
  if (after === undefined) return [{ class: 'wording', because: `${placeOf(edit)} is gone` }];
  return typeof after === 'boolean' ? [{ class: 'capability', because: `${placeOf(edit)} changed` }] : [text(edit)];
}

/** The names on the way belong to what is new: a member's name can hold a sentence as well as its value. */
function newTexts({ pointer, after }: Edit): readonly string[] {
  return after === undefined ? [] : [...pointerTokens(pointer), ...textsIn(after)];
}

function text(edit: Edit): Meaning {
  return { class: 'wording', because: `${placeOf(edit)} has text for a reader` };
}
