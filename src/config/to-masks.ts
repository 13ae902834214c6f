import { RE2JS } from 're2js';

import { messageOf } from '../errors.js';
import type { Mask } from '../model/mask.js';
import type { Path, Problems } from './problems.js';
import type { MaskEntry } from './schema.js';

/** Returns the masks of an entry, as written: variables in them would make what is approved depend on the environment. */
export function toMasks(entries: readonly MaskEntry[], path: Path, problems: Problems): readonly Mask[] {
  return entries.map((entry, index) => toMask(entry, [...path, index], problems));
}

function toMask(entry: MaskEntry, path: Path, problems: Problems): Mask {
  const { kind, name, pointer = '', pattern } = entry;
  const invalid = (key: string, message: string): void => {
    problems.add({ code: 'MASK_INVALID', path: [...path, key], message });
  };
  const hasName = kind !== 'instructions' && kind !== 'server';
  if (hasName && name === undefined) invalid('name', `is missing: the name of the ${kind}, or * for every ${kind}`);
  if (pointer !== '' && !/^(\/([^~/]|~[01])*)+$/.test(pointer))
    invalid('pointer', 'must be a JSON Pointer (RFC 6901) such as /description');
  if (pointer === '' && kind !== 'instructions')
    invalid('pointer', 'is missing: the string in the definition, such as /description');
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    invalid('pattern', `is not a re2js pattern (no look-around, no back-references): ${messageOf(error)}`);
  }
  return { kind, name: name ?? '', pointer, pattern };
}
