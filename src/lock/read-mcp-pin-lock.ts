import { z } from 'zod';

import { SealwatchError } from '../errors.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { fingerprintOf, instructionsHash, setHash, sha256Hex } from '../integrity/fingerprint.js';
import type { DefinitionKind } from '../model/definition.js';
import { type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { LockedDefinition } from '../model/lock.js';
import { quote } from '../quote.js';

/** What a lock says of one server: by the name that the lock has for it, with the kinds of which it says all that there is. */
export interface LockEntry {
  readonly name: string;
  readonly kinds: readonly DefinitionKind[];
  readonly definitions: readonly LockedDefinition[];
}

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const listed = z.array(z.looseObject({ name: z.string(), hash: hex, definition: z.unknown() }));
const entrySchema = z.looseObject({
  setHash: hex,
  tools: listed,
  promptsHash: hex.optional(),
  prompts: listed.optional(),
  instructionsHash: hex.nullable().optional(),
  instructions: z.string().nullable().optional(),
});
const lockSchema = z.looseObject({ lockfileVersion: z.literal(1), servers: z.record(z.string(), entrySchema) });

type Written = z.infer<typeof entrySchema>;

/** Returns whether a document has the form of an `mcp-pin.lock`, of whatever version. */
export function isMcpPinLock(value: JsonValue): boolean {
  return memberOf(value, 'lockfileVersion') !== undefined;
}

/**
 * Returns the entries of an `mcp-pin.lock`, version 1: tools, and prompts and instructions where they are in it. Its hashes are the open tool
 * definition hash, and every one is computed again.
 *
 * @throws {SealwatchError} `LOCK_INVALID`
 */
export function readMcpPinLock(value: JsonValue, file: string): readonly LockEntry[] {
  const parsed = lockSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, `${quote(issue?.path.map(String).join(' → ') ?? '', 160)}: ${quote(issue?.message ?? '')}`);
  }
  return Object.entries(parsed.data.servers).map(([name, entry]) => {
    check(name, entry, file);
    return { name, kinds: kindsOf(entry), definitions: definitionsOf(name, entry, file) };
  });
}

function check(name: string, entry: Written, file: string): void {
  const { tools, prompts = [], instructions = null, instructionsHash: ofInstructions = null } = entry;
  const wrong = [...tools, ...prompts].find(
    (one) => sha256Hex(canonicalize(valueOf(one))) !== one.hash || stringMember(valueOf(one), 'name') !== one.name,
  );
  if (wrong !== undefined)
    throw invalid(file, `${quote(wrong.name)} of ${quote(name)} has another hash, or another name`);
  const isWhole =
    setHash(tools) === entry.setHash &&
    (entry.promptsHash === undefined || setHash(prompts) === entry.promptsHash) &&
    (instructions === null ? null : instructionsHash(instructions)) === ofInstructions;
  if (!isWhole) throw invalid(file, `a hash of ${quote(name)} is not that of what it is about`);
}

function kindsOf({ prompts, instructions }: Written): readonly DefinitionKind[] {
  const kinds: readonly [DefinitionKind, boolean][] = [
    ['tool', true],
    ['prompt', prompts !== undefined],
    ['instructions', instructions !== undefined],
  ];
  return kinds.flatMap(([kind, isThere]) => (isThere ? [kind] : []));
}

function definitionsOf(server: string, written: Written, file: string): readonly LockedDefinition[] {
  const { tools, prompts = [], instructions } = written;
  const lists = [
    { kind: 'tool', list: tools },
    { kind: 'prompt', list: prompts },
  ] as const;
  const all = lists.flatMap(({ kind, list }) => {
    const twice = list.find(({ name }, index) => list.findIndex((one) => one.name === name) < index);
    if (twice !== undefined) throw invalid(file, `${quote(twice.name)} of ${quote(server)} is in it twice`);
    return list.map((one): LockedDefinition => {
      const value = valueOf(one);
      return { kind, name: one.name, version: fingerprintOf(canonicalize(value)), value };
    });
  });
  if (typeof instructions !== 'string') return all;
  const version = `v1:sha256:${instructionsHash(instructions)}`;
  return [...all, { kind: 'instructions', name: '', version, value: instructions }];
}

function valueOf({ definition }: Written['tools'][number]): JsonValue {
  return (definition ?? null) as JsonValue;
}

function invalid(file: string, why: string): SealwatchError {
  return new SealwatchError('LOCK_INVALID', `${file}: ${why}`);
}
