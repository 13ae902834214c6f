import { compileMasks } from '../integrity/apply-masks.js';
import { takeDefinition } from '../integrity/take-definition.js';
import type { Definition, RefText } from '../model/definition.js';
import type { JsonValue } from '../model/json.js';
import { DEFAULT_LIMITS } from '../model/limits.js';
import type { LockedDefinition } from '../model/lock.js';
import type { Mask } from '../model/mask.js';
import type { ServerId } from '../model/server-id.js';
import { canonicalize } from '../integrity/canonicalize.js';

/** What a lock holds as if a server had sent it. */
export interface TakenLocked {
  readonly definitions: readonly Definition[];
  /** Those whose text does not show what their fingerprint is of: nobody could read what would be approved. */
  readonly left: readonly RefText[];
}

/**
 * Returns locked definitions as if a server had sent them, under the masks of the configuration.
 *
 * Attack: an entry with the fingerprint of another text than the one that people read. A number beyond those that a double carries is such
 * a text: the lock has only the nearest one.
 */
export function takeLocked(
  server: ServerId,
  locked: readonly LockedDefinition[],
  volatile: readonly Mask[],
): TakenLocked {
  const masks = compileMasks(volatile);
  const taken = locked.map(({ kind, name, version, value }) => {
    const text = canonicalize(value);
    // Our own canonical form: JSON.parse reads it exactly.
    const found = { ref: { server, kind, name }, text, value: JSON.parse(text) as JsonValue, flaws: [], inexact: [] };
    return { version, definition: takeDefinition(found, { masks, limits: DEFAULT_LIMITS }) };
  });
  return {
    definitions: taken.flatMap((one) => (isShown(one) ? [one.definition] : [])),
    left: taken.flatMap((one) => (isShown(one) ? [] : [one.definition.refText])),
  };
}

function isShown({ version, definition }: { readonly version: string; readonly definition: Definition }): boolean {
  return definition.version === version;
}
