import { z } from 'zod';

import { SealwatchError } from '../errors.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { formatRef } from '../integrity/definition-ref.js';
import { instructionsHash, setHash } from '../integrity/fingerprint.js';
import type { DefinitionKind, DefinitionRef } from '../model/definition.js';
import { type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { LockedDefinition } from '../model/lock.js';
import type { ServerId } from '../model/server-id.js';
import { quote } from '../quote.js';
import { definitionHash } from './read-lock.js';

/** What a lock says of one server, by the name that the lock has for it, and of which kinds it says all that there is. */
export interface ForeignEntry {
  readonly name: string;
  readonly kinds: readonly DefinitionKind[];
  /** @throws {SealwatchError} `LOCK_INVALID` where two definitions have one name */
  readonly definitionsOf: (server: ServerId) => readonly LockedDefinition[];
}

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const definitions = z.array(z.looseObject({ name: z.string(), hash: hex, definition: z.unknown() }));
const entries = z.looseObject({
  lockfileVersion: z.literal(1),
  servers: z.record(
    z.string(),
    z.looseObject({
      setHash: hex,
      tools: definitions,
      promptsHash: hex.optional(),
      prompts: definitions.optional(),
      instructionsHash: hex.nullable().optional(),
      instructions: z.string().nullable().optional(),
    }),
  ),
});

type Entry = z.infer<typeof entries>['servers'][string];

/** Returns whether a document has the form of an `mcp-pin.lock`, and not ours, which has the same version member. */
export function isMcpPinLock(value: JsonValue): boolean {
  const servers = memberOf(value, 'servers');
  return Object.values(servers ?? {}).some((entry) => memberOf(entry as JsonValue, 'setHash') !== undefined);
}

/**
 * Returns the entries of an `mcp-pin.lock`, version 1: tools, and prompts and instructions where they are in it. Its hashes are the open tool
 * definition hash, and every one is computed again.
 *
 * @throws {SealwatchError} `LOCK_INVALID`
 */
export function readMcpPinLock(value: JsonValue): readonly ForeignEntry[] {
  const parsed = entries.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${quote(issue?.path.map(String).join(' ') ?? '', 160)}: ${quote(issue?.message ?? '')}`);
  }
  return Object.entries(parsed.data.servers).map(([name, entry]) => {
    check(name, entry);
    const kinds: readonly DefinitionKind[] = [
      'tool',
      ...(entry.prompts === undefined ? [] : (['prompt'] as const)),
      ...(entry.instructions === undefined ? [] : (['instructions'] as const)),
    ];
    return { name, kinds, definitionsOf: (server) => definitionsOf(server, entry) };
  });
}

function check(name: string, entry: Entry): void {
  const { tools, prompts = [], instructions = null, instructionsHash: ofInstructions = null } = entry;
  const wrong = [...tools, ...prompts].find(
    (one) => hashOf(one) !== one.hash || stringMember(one.definition as JsonValue, 'name') !== one.name,
  );
  if (wrong !== undefined) throw invalid(`${quote(wrong.name)} of ${quote(name)} has another hash, or another name`);
  const isWhole =
    setHash(tools) === entry.setHash &&
    (entry.promptsHash === undefined || setHash(prompts) === entry.promptsHash) &&
    (instructions === null ? null : instructionsHash(instructions)) === ofInstructions;
  if (!isWhole) throw invalid(`a hash of ${quote(name)} is not that of what it is about`);
}

function hashOf({ definition }: Entry['tools'][number]): string {
  const value = (definition ?? null) as JsonValue;
  return definitionHash({ kind: 'tool' }, value, canonicalize(value));
}

function definitionsOf(server: ServerId, { tools, prompts = [], instructions }: Entry): readonly LockedDefinition[] {
  const listed = (kind: 'tool' | 'prompt', list: Entry['tools']): readonly LockedDefinition[] =>
    list.map(({ name, definition }) => toLocked({ server, kind, name }, definition as JsonValue));
  const text = instructions ?? undefined;
  const all = [
    ...listed('tool', tools),
    ...listed('prompt', prompts),
    ...(text === undefined ? [] : [toLocked({ server, kind: 'instructions', name: '' }, text)]),
  ];
  const twice = all.find(({ refText }, index) => all.findIndex((one) => one.refText === refText) < index);
  if (twice !== undefined) throw invalid(`${quote(twice.refText)} is in it twice`);
  return all;
}

function toLocked(ref: DefinitionRef, value: JsonValue): LockedDefinition {
  const content = canonicalize(value);
  const hash = definitionHash(ref, value, content);
  return { ref, refText: formatRef(ref), version: `v1:sha256:${hash}`, hash, masked: [], content };
}

function invalid(why: string): SealwatchError {
  return new SealwatchError('LOCK_INVALID', `the lock cannot be used: ${why}`);
}
