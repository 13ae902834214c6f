import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.js';

/** Returns every string and every member name in a document, in order. */
export function textsIn(document: JsonValue | undefined): readonly string[] {
  const texts: string[] = [];
  collect(document, texts);
  return texts;
}

function collect(value: JsonValue | undefined, texts: string[]): void {
  if (typeof value === 'string') texts.push(value);
  else if (isJsonArray(value)) for (const item of value) collect(item, texts);
  else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      texts.push(name);
      collect(member, texts);
    }
  }
}

/**
 * Returns whether a string can say something to a reader: it is longer than 64 characters, or holds anything but visible
 * ASCII. Scripts that are written without spaces say a sentence in one word, so only ASCII counts as a mere word.
 */
export function isProse(text: string): boolean {
  return !/^[\x21-\x7e]{0,64}$/.test(text);
}
