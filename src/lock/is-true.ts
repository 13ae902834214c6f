import { compileMasks } from '../integrity/apply-masks.js';
import { takeDefinition } from '../integrity/take-definition.js';
import type { Definition } from '../model/definition.js';
import type { JsonValue } from '../model/json.js';
import { DEFAULT_LIMITS } from '../model/limits.js';
import type { LockedDefinition } from '../model/lock.js';
import type { Mask } from '../model/mask.js';

/**
 * Returns whether the fingerprint of a locked definition is that of its text under the masks of the configuration.
 *
 * Attack: an entry that says that a mask applied, and has the fingerprint of another text than the one that people read. What a lock cannot show is
 * left to the fingerprint: digits of a number beyond those of a double.
 */
export function isTrue(locked: LockedDefinition, volatile: readonly Mask[]): boolean {
  const { version } = asDefinition(locked, volatile);
  return version === locked.version.replace(/\+numbers:[0-9a-f]{64}/, '');
}

/** Returns a locked definition as if a server had sent it. */
export function asDefinition({ ref, content }: LockedDefinition, volatile: readonly Mask[]): Definition {
  // Our own canonical form: JSON.parse reads it exactly.
  const value = JSON.parse(content) as JsonValue;
  const found = { ref, text: content, value, flaws: [], inexact: [] };
  return takeDefinition(found, { masks: compileMasks(volatile), limits: DEFAULT_LIMITS });
}
