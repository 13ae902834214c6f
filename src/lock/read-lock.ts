import { canonicalize } from '../integrity/canonicalize.js';
import { parseRef } from '../integrity/definition-ref.js';
import { fingerprintOf, instructionsHash } from '../integrity/fingerprint.js';
import { MAX_DEPTH } from '../integrity/max-depth.js';
import { parseJson } from '../integrity/parse-json.js';
import { messageOf, SealwatchError } from '../errors.js';
import type { JsonObject, JsonValue } from '../model/json.js';
import type { Lock, LockedDefinition, LockedServer } from '../model/lock.js';
import { parseServerId, type ServerId } from '../model/server-id.js';
import type { SetHashes } from '../model/snapshot.js';
import { quote } from '../quote.js';
import type { z } from 'zod';
import { setHashesOfLocked } from './lock-server.js';
import { lockSchema } from './lock-schema.js';

/**
 * Returns the lock that a text holds. Every fingerprint and set hash is computed again. Attack: a pull request that changes a readable
 * definition and leaves its hash, or the reverse, shows a reviewer something else than what is compared.
 *
 * @throws {SealwatchError} `LOCK_INVALID`
 */
export function readLock(text: string, file: string): Lock {
  const written = parseLock(text, file);
  const servers = Object.entries(written.servers).map(([id, server]) => {
    const known = parseServerId(id);
    return [known, readServer(known, server, file)] as const;
  });
  return { servers: new Map(servers) };
}

type WrittenServer = z.infer<typeof lockSchema>['servers'][string];

function parseLock(text: string, file: string): z.infer<typeof lockSchema> {
  const parsed = lockSchema.safeParse(readStrictly(text, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(file, `${quote(issue?.path.join(' → ') ?? '')}: ${issue?.message ?? 'not a lock'}`);
}

/**
 * Returns the value of a JSON text that means the same to every reader.
 *
 * @throws {SealwatchError} `LOCK_INVALID`
 */
export function readStrictly(text: string, file: string): JsonValue {
  const { value, flaws } = parse(text, file);
  const [flaw] = flaws;
  // Two branches merged by hand: which of two equal members counts would depend on the reader.
  if (flaw !== undefined) throw invalid(file, `${flaw.pointer}: ${flaw.message}`);
  return value;
}

function parse(text: string, file: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(text, { maxDepth: MAX_DEPTH });
  } catch (cause) {
    throw invalid(file, messageOf(cause), cause);
  }
}

function readServer(server: ServerId, written: WrittenServer, file: string): LockedServer {
  const definitions = Object.entries(written.definitions).map(([key, { fingerprint, definition }]) => {
    const { kind, name, position } = parseRef(`${server}/${key}`);
    if (position !== undefined) throw invalid(file, `${quote(`${server}/${key}`)} has no name`);
    return { kind, name, version: fingerprint, value: definition as JsonValue };
  });
  for (const definition of definitions) checkFingerprint(server, definition, file);
  const setHashes = readSetHashes(written.setHashes);
  checkSetHashes(server, setHashes, definitions, file);
  return { provenance: written.provenance as JsonObject, pins: written.pins, setHashes, definitions };
}

function checkFingerprint(server: ServerId, { kind, name, version, value }: LockedDefinition, file: string): void {
  const isText = kind === 'instructions' && typeof value === 'string';
  const computed = isText ? `v1:sha256:${instructionsHash(value)}` : fingerprintOf(canonicalize(value));
  if (version.split('+')[0] === computed) return;
  throw invalid(file, `the fingerprint of ${quote(`${server}/${kind}/${name}`)} is not that of its definition`);
}

function readSetHashes(written: WrittenServer['setHashes']): SetHashes {
  return {
    tools: written.tools ?? undefined,
    prompts: written.prompts ?? undefined,
    resources: written.resources ?? undefined,
    resourceTemplates: written.resourceTemplates ?? undefined,
    instructions: written.instructions ?? undefined,
  };
}

/** One that is `null` says nothing; the fingerprints were computed again all the same. */
function checkSetHashes(
  server: ServerId,
  written: SetHashes,
  definitions: readonly LockedDefinition[],
  file: string,
): void {
  const computed = setHashesOfLocked(definitions);
  for (const name of Object.keys(computed) as (keyof SetHashes)[]) {
    if (written[name] === undefined || written[name] === computed[name]) continue;
    throw invalid(file, `the set hash ${name} of ${server} is not that of its definitions`);
  }
}

function invalid(file: string, message: string, cause?: unknown): SealwatchError {
  return new SealwatchError('LOCK_INVALID', `${file}: ${message}`, { cause });
}
