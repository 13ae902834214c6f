import { SealwatchError } from '../errors.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
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

/** The 2026-07-28 revision moved the server's info from the result to its `_meta`. */
const SERVER_INFO_META = 'io.modelcontextprotocol/serverInfo';

function serverFact(observation: Observation, parsed: ParsedJson, limits: Limits): Found {
  const { server, handshake, protocolVersion } = observation;
  const capabilities = memberOf(parsed.value, 'capabilities');
  const serverInfo =
    memberOf(parsed.value, 'serverInfo') ?? memberOf(memberOf(parsed.value, '_meta'), SERVER_INFO_META);
  const value: JsonObject = {
    ...(serverInfo === undefined ? {} : { serverInfo }),
    ...(capabilities === undefined ? {} : { capabilities }),
    protocolVersion: stringMember(parsed.value, 'protocolVersion') ?? protocolVersion,
  };
  const flaws = [...parsed.flaws, ...oversizeFlaws(canonicalize(value), limits)];
  const inexact = parsed.inexact.filter(({ pointer }) => isInFacts(pointer));
  return { ref: { server, kind: 'server', name: '' }, text: handshake, value, flaws, inexact };
}

/** Returns whether a place is within a member that becomes part of the `server` fact; a flaw there is that fact's own. */
function isInFacts(pointer: Pointer): boolean {
  const [first, second, ...rest] = pointerTokens(pointer);
  if (first === '_meta') return second === SERVER_INFO_META && rest.length > 0;
  return (first === 'serverInfo' || first === 'capabilities') && second !== undefined;
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
