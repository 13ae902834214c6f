import { SealwatchError } from '../errors.js';
import type { DefinitionRef, Flaw } from '../model/definition.js';
import type { JsonValue } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import type { InexactNumber, JsonFlaw } from './parse-json.js';

/** A definition as it was found, not yet fingerprinted. Pointers are those within the definition. */
export interface Found {
  readonly ref: DefinitionRef;
  /** As sent. */
  readonly text: string;
  readonly value: JsonValue;
  readonly flaws: readonly Flaw[];
  readonly inexact: readonly InexactNumber[];
}

/** Returns the flaw of a text that is larger than a definition may be; none where it is not. */
export function oversizeFlaws(text: string, { maxDefinitionBytes }: Limits): readonly Flaw[] {
  // A code unit takes one to three bytes: most texts need no counting.
  if (text.length * 3 <= maxDefinitionBytes) return [];
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= maxDefinitionBytes) return [];
  return [{ code: 'OVERSIZE', pointer: '', message: `${bytes} bytes, more than ${maxDefinitionBytes}` }];
}

/**
 * Returns the error for a flaw outside of all definitions, such as two `tools` members in one result: what the listing is
 * depends on the reader then, so there is none.
 */
export function envelopeError({ code, pointer, message }: JsonFlaw, where: string): SealwatchError {
  return new SealwatchError(`JSON_${code}`, `${where}: ${message}, at "${pointer}"`);
}
