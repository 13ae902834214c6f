import { SealwatchError } from '../errors.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { sha256Hex } from '../integrity/fingerprint.js';
import { envelopeError } from '../integrity/found.js';
import { type ParsedJson, parseJson } from '../integrity/parse-json.js';
import { takeSnapshot } from '../integrity/take-snapshot.js';
import { isJsonArray, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { DEFAULT_LIMITS } from '../model/limits.js';
import { LISTS, type Page } from '../model/observation.js';
import { parseServerId } from '../model/server-id.js';
import type { Snapshot } from '../model/snapshot.js';
import { jsonTextOf, type Sent } from './sent.js';

/**
 * What one server declares, as it sent it: one result of `tools/list`, `prompts/list`, `resources/list` or `resources/templates/list`, or
 * several of them in the order of their pages, with that of `initialize` or `server/discover` where its instructions and what the server
 * says of itself are to be looked at too.
 *
 * One object may also hold several lists and `instructions` together: `{ tools: […], prompts: […], instructions: '…' }`. Then a definition
 * that is malformed refuses the whole object.
 */
export type Listing = Sent | readonly Sent[];

/**
 * Returns a listing after strict parsing and fingerprinting, as if the server had been observed.
 *
 * What cannot be told to be whole is refused and never taken for little: a result that holds no list, such as an error or a message around
 * the result, and a last page that announces another one.
 *
 * @throws {SealwatchError} `OBSERVE_SHAPE` where it is not a listing, or not all of it; `OBSERVE_TOO_MANY_DEFINITIONS`;
 * `SERVER_ID_INVALID`; `JSON_…` for what is not strict JSON outside of all definitions.
 */
export function takeListing(listing: Listing, serverName: string): Snapshot {
  const server = parseServerId(serverName);
  const parts = (isList(listing) ? listing : [listing]).map(readPart);
  refuseUnfinished(parts);
  const pages = parts.flatMap((part) => part.pages);
  const handshake = onlyHandshake(parts);
  const snapshot = takeSnapshot(
    {
      server,
      vantage: 'default',
      protocolVersion: stringMember(handshake.value, 'protocolVersion') ?? 'unknown',
      handshake: handshake.text,
      pages,
      provenance: {},
      rawDigest: sha256Hex(JSON.stringify([handshake.text, pages])),
      durationMs: 0,
      remarks: [],
    },
    { volatile: [], limits: DEFAULT_LIMITS },
  );
  if (snapshot.definitions.length <= DEFAULT_LIMITS.maxDefinitions) return withoutFacts(snapshot, parts);
  const count = `${snapshot.definitions.length} definitions, more than ${DEFAULT_LIMITS.maxDefinitions}`;
  throw new SealwatchError('OBSERVE_TOO_MANY_DEFINITIONS', count);
}

function isList(listing: Listing): listing is readonly Sent[] {
  return Array.isArray(listing);
}

/** Where nobody handed over what the server says of itself, there is nothing that it says. */
function withoutFacts(snapshot: Snapshot, parts: readonly Part[]): Snapshot {
  if (parts.some(({ isAnswer }) => isAnswer)) return snapshot;
  return { ...snapshot, definitions: snapshot.definitions.filter(({ ref }) => ref.kind !== 'server') };
}

interface Handshake {
  readonly text: string;
  readonly value: JsonValue;
}

/** One result. */
interface Part {
  readonly value: JsonValue;
  readonly pages: readonly Page[];
  readonly handshake: Handshake | undefined;
  /** Whether it is the whole answer to `initialize` or `server/discover`. */
  readonly isAnswer: boolean;
}

function readPart(sent: Sent): Part {
  const text = jsonTextOf(sent);
  const parsed = parseJson(text, { maxDepth: MAX_DEPTH });
  const { value } = parsed;
  const lists = LISTS.filter(({ member }) => memberOf(value, member) !== undefined);
  const [only, ...others] = lists;
  if (only === undefined) return readAnswer(text, value);
  refuseAnswerBeside(value);
  const instructions = memberOf(value, 'instructions');
  if (others.length === 0 && instructions === undefined) {
    return { value, pages: [{ method: only.method, result: text }], handshake: undefined, isAnswer: false };
  }
  refuseFlaws(parsed);
  const said = instructions === undefined ? undefined : { instructions };
  return {
    value,
    pages: lists.map((list) => pageOf(text, list)),
    handshake: said && { text: canonicalize(said), value: said },
    isAnswer: false,
  };
}

/** The result object and the array in it. */
const MAX_DEPTH = DEFAULT_LIMITS.maxDepth + 2;

/** Members of which the answer to `initialize` (2024-10-07 to 2025-11-25) or `server/discover` (2026-07-28) has at least one. */
const ANSWERS = ['protocolVersion', 'supportedVersions', 'serverInfo', 'capabilities'];

function readAnswer(text: string, value: JsonValue): Part {
  const isAnswer = ANSWERS.some((member) => memberOf(value, member) !== undefined);
  if (isAnswer || memberOf(value, 'instructions') !== undefined) {
    return { value, pages: [], handshake: { text, value }, isAnswer };
  }
  const members = LISTS.map(({ member }) => member).join(', ');
  const hint = 'hand over the "result" of the answer, not the message around it';
  throw new SealwatchError('OBSERVE_SHAPE', `not a listing: an object with none of ${members}; ${hint}`);
}

/** Attack: what the server says of itself stands beside a list, where nobody looks for it. */
function refuseAnswerBeside(value: JsonValue): void {
  const member = ANSWERS.find((one) => memberOf(value, one) !== undefined);
  if (member === undefined) return;
  throw new SealwatchError(
    'OBSERVE_SHAPE',
    `listing: "${member}" beside a list; hand over the answer to initialize by itself`,
  );
}

/** A flaw in an object of several lists is not one list's own, and which list a reader takes then depends on the reader. */
function refuseFlaws({ flaws }: ParsedJson): void {
  const [flaw] = flaws;
  if (flaw !== undefined) throw envelopeError(flaw, 'listing');
}

/** The elements as they stand in the text, so that digits beyond a double's are not lost. */
function pageOf(text: string, { method, member }: (typeof LISTS)[number]): Page {
  const { value, elements } = parseJson(text, { maxDepth: MAX_DEPTH, elementsOf: member });
  if (!isJsonArray(memberOf(value, member))) {
    throw new SealwatchError('OBSERVE_SHAPE', `listing: "${member}" is not an array`);
  }
  const items = elements.map(({ start, end }) => text.slice(start, end));
  return { method, result: `{"${member}":[${items.join(',')}]}` };
}

function refuseUnfinished(parts: readonly Part[]): void {
  if (parts.length === 0) throw new SealwatchError('OBSERVE_SHAPE', 'not a listing: there is nothing in it');
  for (const { method } of LISTS) {
    const last = parts.findLast(({ pages }) => pages.some((page) => page.method === method));
    if ((memberOf(last?.value, 'nextCursor') ?? null) === null) continue;
    throw new SealwatchError('OBSERVE_SHAPE', `${method}: the last page has a nextCursor, so there is more`);
  }
}

function onlyHandshake(parts: readonly Part[]): Handshake {
  const [first, second] = parts.flatMap(({ handshake }) => (handshake === undefined ? [] : [handshake]));
  if (second !== undefined) throw new SealwatchError('OBSERVE_SHAPE', 'listing: two answers to initialize');
  return first ?? { text: '{}', value: {} };
}
