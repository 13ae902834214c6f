import { setHash } from '../integrity/fingerprint.js';
import type { Definition, DefinitionKind } from '../model/definition.js';
import { type JsonValue, stringMember } from '../model/json.js';
import type { LockedDefinition, LockedServer } from '../model/lock.js';
import type { Server } from '../model/server.js';
import type { SetHashes, Snapshot } from '../model/snapshot.js';
import { packageUrl } from './package-url.js';

/**
 * Returns what a lock says of a server as it was seen. What is malformed cannot be locked and is left out: it differs from every lock.
 *
 * `former` is the entry that the lock has: a definition of the same version keeps its text, so that text under a mask, which changes by
 * itself, changes no lock.
 */
export function takeLock(
  snapshot: Snapshot,
  server: Pick<Server, 'id' | 'connection'>,
  former: LockedServer | undefined,
): LockedServer {
  const kept = new Map(former?.definitions.map((definition) => [definition.refText, definition]));
  const definitions = lockable(snapshot).flatMap((definition): readonly LockedDefinition[] => {
    const before = kept.get(definition.refText);
    return before?.version === definition.version ? [before] : lockDefinition(definition);
  });
  return {
    server: server.id,
    package: packageUrl(server.connection.launch),
    pins: configuredPins(server),
    protocolVersion: snapshot.protocolVersion,
    setHashes: lockedSetHashes(definitions),
    definitions,
  };
}

/** Returns what of a snapshot a lock is about. That a certificate ends soon says nothing about the server that was reviewed. */
export function lockable({ definitions }: Pick<Snapshot, 'definitions'>): readonly Definition[] {
  return definitions.filter(({ ref }) => ref.kind !== 'certificate');
}

/** Returns the pins that the configuration has for a server, in order. */
export function configuredPins({ connection }: Pick<Server, 'connection'>): readonly string[] {
  return connection.kind === 'http' ? [...connection.tls.pins].sort() : [];
}

/** Returns the set hashes of what is locked, so that a lock can be checked against itself. */
export function lockedSetHashes(definitions: readonly LockedDefinition[]): SetHashes {
  const hashOf = (kind: DefinitionKind): string | undefined => {
    const listed = definitions.filter(({ ref }) => ref.kind === kind);
    return setHash(listed.map(({ content, hash }) => ({ name: stringMember(valueOf(content), 'name'), hash })));
  };
  return {
    tools: hashOf('tool'),
    prompts: hashOf('prompt'),
    resources: hashOf('resource'),
    resourceTemplates: hashOf('resource-template'),
    instructions: definitions.find(({ ref }) => ref.kind === 'instructions')?.hash,
  };
}

function lockDefinition({ ref, refText, version, rawFingerprint, content, masked }: Definition): LockedDefinition[] {
  if (rawFingerprint === undefined) return [];
  return [{ ref, refText, version, hash: rawFingerprint.slice('v1:sha256:'.length), masked, content }];
}

/** Our own canonical form: JSON.parse reads it exactly. */
function valueOf(content: string): JsonValue {
  return JSON.parse(content) as JsonValue;
}
