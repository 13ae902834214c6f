import { applyMasks, compileMasks } from '../integrity/apply-masks.js';
import { instructionsHash, setHash, sha256Hex } from '../integrity/fingerprint.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { DEFINITION_KINDS, type Definition, type DefinitionKind } from '../model/definition.js';
import { isJsonObject, stringMember } from '../model/json.js';
import type { LockedDefinition, LockedServer } from '../model/lock.js';
import type { Mask } from '../model/mask.js';
import type { SetHashes, Snapshot } from '../model/snapshot.js';

/** Kinds that change with the day or the machine, and not with what somebody reviewed. */
const NOT_LOCKED: readonly DefinitionKind[] = ['certificate', 'posture'];

/** Kinds of which a lock says all that there is. Where a server comes from is a fact of its own there. */
export const LOCKED_KINDS: readonly DefinitionKind[] = DEFINITION_KINDS.filter(
  (kind) => kind !== 'provenance' && !NOT_LOCKED.includes(kind),
);

/** Returns whether a definition can stand in a lock: what is malformed has no canonical form that a reader could check. */
export function isLockable({ ref, flaws, value }: Definition): boolean {
  return flaws.length === 0 && value !== undefined && !NOT_LOCKED.includes(ref.kind);
}

/** Returns a snapshot without what a lock says nothing about. */
export function withoutUnlocked(snapshot: Snapshot): Snapshot {
  return { ...snapshot, definitions: snapshot.definitions.filter(({ ref }) => !NOT_LOCKED.includes(ref.kind)) };
}

/** Returns a snapshot as it stands in a lock. What a mask covers is masked there too, so that a lock does not change by itself. */
export function lockServer(
  snapshot: Snapshot,
  options: { readonly volatile: readonly Mask[]; readonly pins: readonly string[] },
): LockedServer {
  const lockable = snapshot.definitions.filter(isLockable);
  const provenance = lockable.find(({ ref }) => ref.kind === 'provenance')?.value;
  const masks = compileMasks(options.volatile);
  const definitions = lockable
    .filter(({ ref }) => ref.kind !== 'provenance')
    .map((definition): LockedDefinition => {
      const { ref, version, value = null } = definition;
      return { kind: ref.kind, name: ref.name, version, value: applyMasks(value, ref, masks).value };
    });
  return {
    provenance: isJsonObject(provenance) ? provenance : {},
    pins: [...options.pins].sort(),
    setHashes: setHashesOf(definitions, snapshot),
    definitions,
  };
}

/** There is none for a list with a definition that is not in the lock as sent. */
function setHashesOf(locked: readonly LockedDefinition[], { definitions }: Snapshot): SetHashes {
  const isPlain = (kind: DefinitionKind): boolean =>
    definitions.every(({ ref, masked, flaws }) => ref.kind !== kind || (masked.length === 0 && flaws.length === 0));
  const hashes = setHashesOfLocked(locked);
  return {
    tools: isPlain('tool') ? hashes.tools : undefined,
    prompts: isPlain('prompt') ? hashes.prompts : undefined,
    resources: isPlain('resource') ? hashes.resources : undefined,
    resourceTemplates: isPlain('resource-template') ? hashes.resourceTemplates : undefined,
    instructions: isPlain('instructions') ? hashes.instructions : undefined,
  };
}

/** Returns the set hashes of what stands in a lock: tool definition hash, version 1, sections 3 and 4. */
export function setHashesOfLocked(definitions: readonly LockedDefinition[]): SetHashes {
  const ofKind = (kind: DefinitionKind): string | undefined =>
    setHash(
      definitions
        .filter((one) => one.kind === kind)
        .map(({ value }) => ({ name: stringMember(value, 'name'), hash: sha256Hex(canonicalize(value)) })),
    );
  const instructions = definitions.find(({ kind }) => kind === 'instructions')?.value;
  return {
    tools: ofKind('tool'),
    prompts: ofKind('prompt'),
    resources: ofKind('resource'),
    resourceTemplates: ofKind('resource-template'),
    instructions: typeof instructions === 'string' ? instructionsHash(instructions) : undefined,
  };
}
