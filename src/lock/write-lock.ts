import type { JsonValue } from '../model/json.js';
import type { Lock, LockedDefinition, LockedServer } from '../model/lock.js';
import { escapeDeceptive } from '../quote.js';
import { type LockFile, LOCKFILE_VERSION } from './lock-schema.js';

/**
 * Returns the text of a lock. The same lock is the same text: servers and definitions in order, one block each, so that two branches that change
 * two tools can be merged.
 *
 * Every character that a reader of the text would not see stands as an escape. Attack: a description that hides an order in tag characters, which
 * no diff of a pull request shows.
 */
export function writeLock(lock: Lock): string {
  const servers = [...lock.servers].sort((a, b) => (a.server < b.server ? -1 : 1));
  const file: LockFile = {
    lockfileVersion: LOCKFILE_VERSION,
    servers: Object.fromEntries(servers.map((one) => [one.server, serverJson(one)])),
  };
  return escapeDeceptive(`${JSON.stringify(file, undefined, 2)}\n`);
}

function serverJson(locked: LockedServer): LockFile['servers'][string] {
  const { tools, prompts, resources, resourceTemplates, instructions } = locked.setHashes;
  return {
    package: locked.package ?? null,
    protocolVersion: locked.protocolVersion,
    pins: [...locked.pins],
    setHashes: {
      tools: tools ?? null,
      prompts: prompts ?? null,
      resources: resources ?? null,
      resourceTemplates: resourceTemplates ?? null,
      instructions: instructions ?? null,
    },
    definitions: Object.fromEntries(locked.definitions.map((one) => [one.refText, definitionJson(one)])),
  };
}

function definitionJson({ version, hash, masked, content }: LockedDefinition) {
  return {
    fingerprint: version,
    hash,
    ...(masked.length === 0 ? {} : { masked: [...masked] }),
    definition: JSON.parse(content) as JsonValue,
  };
}
