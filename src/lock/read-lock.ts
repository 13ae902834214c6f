import { z } from 'zod';

import { messageOf, SealwatchError } from '../errors.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { parseRef } from '../integrity/definition-ref.js';
import { fingerprintOf, instructionsHash } from '../integrity/fingerprint.js';
import { MAX_DEPTH } from '../integrity/max-depth.js';
import { parseJson } from '../integrity/parse-json.js';
import type { DefinitionRef } from '../model/definition.js';
import type { JsonValue } from '../model/json.js';
import type { Lock, LockedDefinition, LockedServer } from '../model/lock.js';
import { parseServerId, type ServerId } from '../model/server-id.js';
import type { SetHashes } from '../model/snapshot.js';
import { quote } from '../quote.js';
import { type LockFile, lockSchema, LOCKFILE_VERSION } from './lock-schema.js';
import { lockedSetHashes } from './take-lock.js';

/**
 * Returns the lock that a text holds. It has to be true to itself: every hash is computed again from the definition beside it.
 *
 * Attack: somebody edits a hash and not the definition, so that the diff of a pull request shows a harmless text, and the lock lets another
 * one pass.
 *
 * @throws {SealwatchError} `LOCK_INVALID`
 */
export function readLock(text: string): Lock {
  const file = readShape(text);
  const servers = Object.entries(file.servers).map(([name, entry]) => readServer(name, entry));
  return { servers: servers.sort((a, b) => (a.server < b.server ? -1 : 1)) };
}

function readShape(text: string): LockFile {
  const value = readStrictly(text);
  const version = z.object({ lockfileVersion: z.unknown() }).safeParse(value).data?.lockfileVersion;
  if (typeof version === 'number' && version > LOCKFILE_VERSION) {
    throw invalid(`it has version ${version}, this program reads version ${LOCKFILE_VERSION}: update Sealwatch`);
  }
  const parsed = lockSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`${quote(issue?.path.map(String).join(' ') ?? '', 160)}: ${quote(issue?.message ?? '')}`);
}

/**
 * Returns the value of a JSON text that means the same to every reader.
 *
 * @throws {SealwatchError} `LOCK_INVALID`
 */
export function readStrictly(text: string): JsonValue {
  let parsed: ReturnType<typeof parseJson>;
  try {
    parsed = parseJson(text, { maxDepth: MAX_DEPTH });
  } catch (cause) {
    throw new SealwatchError('LOCK_INVALID', `the lock is no JSON: ${messageOf(cause)}`, { cause });
  }
  const [flaw] = parsed.flaws;
  if (flaw !== undefined) throw invalid(`${flaw.message}, at ${quote(flaw.pointer, 160)}`);
  return parsed.value;
}

function readServer(name: string, entry: LockFile['servers'][string]): LockedServer {
  const server = readServerId(name);
  const definitions = Object.entries(entry.definitions).map(([refText, one]) => readDefinition(server, refText, one));
  definitions.sort((a, b) => (a.refText < b.refText ? -1 : 1));
  const setHashes = lockedSetHashes(definitions);
  checkSetHashes(server, setHashes, entry.setHashes);
  const { protocolVersion, pins } = entry;
  return { server, package: entry.package ?? undefined, pins, protocolVersion, setHashes, definitions };
}

function readServerId(name: string): ServerId {
  try {
    return parseServerId(name);
  } catch (cause) {
    throw new SealwatchError('LOCK_INVALID', `the lock names a server ${quote(name)}: ${messageOf(cause)}`, { cause });
  }
}

type DefinitionEntry = LockFile['servers'][string]['definitions'][string];

function readDefinition(server: ServerId, refText: string, entry: DefinitionEntry): LockedDefinition {
  const ref = readRef(server, refText);
  if (entry.definition === undefined) throw invalid(`${quote(refText)} has no definition`);
  const value = entry.definition as JsonValue;
  const content = canonicalize(value);
  const hash = definitionHash(ref, value, content);
  const { masked = [], fingerprint: version } = entry;
  // Under a mask the fingerprint is of another text, which only the configuration knows.
  const isTrue = entry.hash === hash && (masked.length > 0 || /^v1:sha256:([0-9a-f]{64})/.exec(version)?.[1] === hash);
  if (!isTrue) throw invalid(`the definition of ${quote(refText)} has another hash than the one beside it`);
  return { ref, refText, version, hash, masked, content };
}

/** Returns the open tool definition hash of a definition: 64 hexadecimal digits. */
export function definitionHash({ kind }: Pick<DefinitionRef, 'kind'>, value: JsonValue, content: string): string {
  const isText = kind === 'instructions' && typeof value === 'string';
  return isText ? instructionsHash(value) : fingerprintOf(content).slice('v1:sha256:'.length);
}

function readRef(server: ServerId, refText: string): DefinitionRef {
  try {
    const ref = parseRef(refText);
    if (ref.server === server) return ref;
  } catch (cause) {
    throw new SealwatchError('LOCK_INVALID', `the lock has ${messageOf(cause)}`, { cause });
  }
  throw invalid(`${quote(refText)} stands below the server ${server}`);
}

function checkSetHashes(server: ServerId, actual: SetHashes, written: LockFile['servers'][string]['setHashes']): void {
  const names = ['tools', 'prompts', 'resources', 'resourceTemplates', 'instructions'] as const;
  const wrong = names.find((name) => (actual[name] ?? null) !== written[name]);
  if (wrong !== undefined) throw invalid(`the set hash of ${wrong} of ${server} is not that of its definitions`);
}

function invalid(why: string): SealwatchError {
  return new SealwatchError('LOCK_INVALID', `the lock cannot be used: ${why}`);
}
