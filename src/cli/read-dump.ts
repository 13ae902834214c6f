import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import { decodeUtf8 } from '../integrity/decode-utf8.js';
import { takeSnapshot } from '../integrity/take-snapshot.js';
import { readMembers, type SourceRange } from '../mcp/read-members.js';
import { rawDigest } from '../mcp/raw-digest.js';
import type { DefinitionKind } from '../model/definition.js';
import type { JsonObject } from '../model/json.js';
import { DEFAULT_LIMITS } from '../model/limits.js';
import type { LockedServer } from '../model/lock.js';
import { LISTS } from '../model/observation.js';
import type { Snapshot } from '../model/snapshot.js';
import { VANTAGE } from '../monitor/deps.js';

/** A server as somebody wrote down what it answered. */
export interface Dump {
  readonly snapshot: Snapshot;
  /** What of the server the dump is about. */
  readonly kinds: readonly DefinitionKind[];
}

/** Returns where the dump of a server is: the file itself, or `<server>.json` in a folder. */
export function dumpPath(path: string, server: string): string {
  try {
    return statSync(path).isDirectory() ? join(path, `${server}.json`) : path;
  } catch (cause) {
    throw new SealwatchError('LOCK_UNREADABLE', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Returns what a dump says: a result of `tools/list` (or of the other lists, or several in one object), a JSON-RPC response with one, or an
 * array of tools; with `instructions` where the server has some. The bytes are read as strictly as those of a server.
 *
 * Masks are not applied: they belong to the configuration, which is not read.
 *
 * @throws {SealwatchError} `OBSERVE_SHAPE`, `OBSERVE_CLOSED` (there is no dump), `JSON_…`
 */
export function readDump(path: string, locked: LockedServer): Dump {
  const { server } = locked;
  const text = resultIn(readBytes(path));
  const members = readMembers(text, MEMBERS) ?? new Map<string, SourceRange>();
  if (members.has('nextCursor')) throw new SealwatchError('OBSERVE_SHAPE', `${basename(path)} is one page of several`);
  const lists = LISTS.filter(({ member }) => members.has(member));
  const hasInstructions = members.has('instructions');
  if (lists.length === 0 && !hasInstructions) {
    throw new SealwatchError('OBSERVE_SHAPE', `${basename(path)} has no tools, prompts, resources or instructions`);
  }
  const handshake = hasInstructions ? `{"instructions":${sliceOf(text, members.get('instructions'))}}` : '{}';
  const pages = lists.map(({ method, member }) => ({
    method,
    result: `{"${member}":${sliceOf(text, members.get(member))}}`,
  }));
  const observation = {
    server,
    vantage: VANTAGE,
    protocolVersion: '',
    handshake,
    pages,
    provenance: lockedProvenance(locked),
    rawDigest: rawDigest('', handshake, pages, []),
    durationMs: 0,
    remarks: [],
  };
  const declared = lists.map(({ kind }) => kind);
  const kinds = [...declared, ...(hasInstructions ? (['instructions'] as const) : []), 'provenance' as const];
  const snapshot = takeSnapshot(observation, { volatile: [], limits: DEFAULT_LIMITS });
  return { snapshot: only(snapshot, kinds), kinds };
}

/** A dump does not say where it comes from: what the lock says is taken for it. */
function lockedProvenance({ definitions }: LockedServer): JsonObject {
  const content = definitions.find(({ ref }) => ref.kind === 'provenance')?.content ?? '{}';
  return JSON.parse(content) as JsonObject;
}

const MEMBERS = [...LISTS.map(({ member }) => member), 'instructions', 'nextCursor'];

function readBytes(path: string): string {
  try {
    return decodeUtf8(readFileSync(path));
  } catch (cause) {
    throw new SealwatchError('OBSERVE_CLOSED', `no dump: ${messageOf(cause)}`, { cause });
  }
}

/** What a dump has around the result is not what the server declares. */
function resultIn(text: string): string {
  if (/^\s*\[/.test(text)) return `{"tools":${text}}`;
  const range = readMembers(text, ['result'])?.get('result');
  return range === undefined ? text : sliceOf(text, range);
}

function sliceOf(text: string, range: SourceRange | undefined): string {
  return text.slice(range?.start ?? 0, range?.end ?? 0);
}

/** Returns what of a snapshot is of certain kinds. */
function only(snapshot: Snapshot, kinds: readonly DefinitionKind[]): Snapshot {
  return { ...snapshot, definitions: snapshot.definitions.filter(({ ref }) => kinds.includes(ref.kind)) };
}
