import { SealwatchError } from '../errors.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import type { Observation } from '../model/observation.js';
import { type Pointer, pointerTokens } from '../model/pointer.js';
import { canonicalize } from './canonicalize.js';
import { envelopeError, type Found, oversizeFlaws } from './found.js';
import { type ParsedJson, parseJson } from './parse-json.js';

/** What is known about a server before it lists anything. */
export interface Handshake {
  /** `server`, `provenance`, and `instructions` where it sends some. */
  readonly facts: readonly Found[];
  readonly instructions: string | undefined;
}

/**
 * Returns what the answer to `initialize` or `server/discover` says, and where the server comes from.
 *
 * @throws {SealwatchError} `OBSERVE_SHAPE` where the answer is not an object, or its instructions are not text;
 * `JSON_SYNTAX`; `JSON_…` for flaws outside of the facts that are kept.
 */
export function readHandshake(observation: Observation, limits: Limits): Handshake {
  const parsed = parseJson(observation.handshake, { maxDepth: limits.maxDepth });
  const flaw = parsed.flaws.find(({ pointer }) => !isInFacts(pointer));
  if (flaw !== undefined) throw envelopeError(flaw, 'handshake');
  if (!isJsonObject(parsed.value)) throw new SealwatchError('OBSERVE_SHAPE', 'handshake: the result is not an object');
  const instructions = readInstructions(parsed.value);
  const facts = [serverFact(observation, parsed, limits), provenanceFact(observation)];
  if (instructions === undefined) return { facts, instructions };
  return { facts: [...facts, instructionsFact(observation, instructions, limits)], instructions };
}

/**
 * Everything that the server says of itself before it lists anything, its instructions apart: no member is left out, because
 * clients differ in where they look (the 2026-07-28 revision moved the server's info to `_meta`). `protocolVersion` is the
 * negotiated one; one that the server claims besides is kept under its own name.
 */
function serverFact(observation: Observation, parsed: ParsedJson, limits: Limits): Found {
  const { server, handshake, protocolVersion } = observation;
  const members = isJsonObject(parsed.value) ? Object.entries(parsed.value) : [];
  const kept = members.filter(([name]) => name !== 'instructions' && name !== 'protocolVersion');
  const claimed = memberOf(parsed.value, 'protocolVersion') ?? protocolVersion;
  const value: JsonObject = {
    ...Object.fromEntries(kept),
    protocolVersion,
    ...(claimed === protocolVersion ? {} : { claimedProtocolVersion: claimed }),
  };
  const flaws = [...parsed.flaws, ...oversizeFlaws(canonicalize(value), limits)];
  const inexact = parsed.inexact.filter(({ pointer }) => isInFacts(pointer));
  return { ref: { server, kind: 'server', name: '' }, text: handshake, value, flaws, inexact };
}

/** Returns whether a place is within a member of the `server` fact; a flaw there is that fact's own. */
function isInFacts(pointer: Pointer): boolean {
  const [first, second] = pointerTokens(pointer);
  return first !== 'instructions' && second !== undefined;
}

function provenanceFact({ server, provenance }: Observation): Found {
  const ref = { server, kind: 'provenance', name: '' } as const;
  return { ref, text: canonicalize(provenance), value: provenance, flaws: [], inexact: [] };
}

function readInstructions(handshake: JsonValue): string | undefined {
  const instructions = memberOf(handshake, 'instructions') ?? null;
  if (instructions === null || typeof instructions === 'string') return instructions ?? undefined;
  throw new SealwatchError('OBSERVE_SHAPE', 'handshake: "instructions" is not text');
}

function instructionsFact({ server }: Observation, value: string, limits: Limits): Found {
  const text = canonicalize(value);
  const flaws = oversizeFlaws(text, limits);
  return { ref: { server, kind: 'instructions', name: '' }, text, value, flaws, inexact: [] };
}
