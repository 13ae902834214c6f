import type { Definition, DefinitionKind } from '../model/definition.js';
import type { Fingerprint } from '../model/fingerprint.js';
import { type JsonValue, stringMember } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import type { Mask } from '../model/mask.js';
import type { Observation } from '../model/observation.js';
import type { SetHashes, Snapshot } from '../model/snapshot.js';
import { type CompiledMask, compileMasks } from './apply-masks.js';
import { canonicalize } from './canonicalize.js';
import type { Found } from './found.js';
import { instructionsHash, setHash, sha256Hex } from './fingerprint.js';
import { takeDefinition } from './take-definition.js';
import { readFaces } from './read-faces.js';
import { readHandshake } from './read-handshake.js';
import { readPages } from './read-pages.js';

/**
 * Returns an observation after strict parsing and fingerprinting: every definition on all of its pages, the instructions,
 * and the facts about the server (`server` from the handshake, `provenance` from the configuration, `posture` where it is recorded, `certificate`
 * where it ends soon).
 *
 * A definition that is malformed is in it with its flaws, never left out. Two definitions of one name are both in it, both
 * malformed, since a client would use either.
 *
 * @throws {SealwatchError} `OBSERVE_SHAPE` where a result is not of the form its method asks for, `JSON_SYNTAX`;
 * `JSON_REPEATED_MEMBER`, `JSON_TOO_DEEP`, `JSON_NUMBER_RANGE` where that is so outside of all definitions;
 * `MASK_INVALID`.
 */
export function takeSnapshot(
  observation: Observation,
  options: { readonly volatile: readonly Mask[]; readonly limits: Limits },
): Snapshot {
  const { server, vantage, protocolVersion, rawDigest } = observation;
  const context = { masks: compileMasks(options.volatile), limits: options.limits };
  const { definitions: own, instructions } = takeDefinitions(observation, context);
  const faces = (observation.faces ?? []).map((face) => ({ ...face, ...takeDefinitions(face.observation, context) }));
  const other = readFaces(own, faces, options.limits).map((found) => takeDefinition(found, context));
  const ours = ourFacts(observation).map((found) => takeDefinition(found, context));
  const definitions = [...own, ...other, ...ours].sort(inRefOrder);
  return {
    server,
    vantage,
    protocolVersion,
    definitions,
    digest: digestOf(definitions, options.volatile),
    setHashes: setHashesOf(definitions, instructions),
    rawDigest,
  };
}

/** What we found out about a server, where there is something to tell. */
function ourFacts({ server, posture, certificate }: Observation): readonly Found[] {
  return Object.entries({ posture, certificate }).flatMap(([kind, value]) => {
    if (value === undefined) return [];
    const ref = { server, kind: kind as 'posture' | 'certificate', name: '' };
    return [{ ref, text: canonicalize(value), value, flaws: [], inexact: [] }];
  });
}

interface Taken {
  readonly definitions: readonly Definition[];
  readonly instructions: string | undefined;
}

function takeDefinitions(
  observation: Observation,
  context: { readonly masks: readonly CompiledMask[]; readonly limits: Limits },
): Taken {
  const { facts, instructions } = readHandshake(observation, context.limits);
  const listed = readPages(observation.pages, observation.server, context.limits);
  const definitions = [...facts, ...listed].map((found) => takeDefinition(found, context));
  return { definitions: definitions.sort(inRefOrder), instructions };
}

function inRefOrder(a: Definition, b: Definition): number {
  if (a.refText !== b.refText) return a.refText < b.refText ? -1 : 1;
  if (a.version === b.version) return 0;
  return a.version < b.version ? -1 : 1;
}

function digestOf(definitions: readonly Definition[], masks: readonly Mask[]): string {
  const versions = definitions.map(({ refText, version }) => [refText, version]);
  const patterns = masks.map(({ kind, name, pointer, pattern }) => [kind, name, pointer, pattern]);
  return `sha256:${sha256Hex(canonicalize([versions, patterns]))}`;
}

function setHashesOf(definitions: readonly Definition[], instructions: string | undefined): SetHashes {
  return {
    tools: setHashOf(definitions, 'tool'),
    prompts: setHashOf(definitions, 'prompt'),
    resources: setHashOf(definitions, 'resource'),
    resourceTemplates: setHashOf(definitions, 'resource-template'),
    instructions: instructions === undefined ? undefined : instructionsHash(instructions),
  };
}

function setHashOf(definitions: readonly Definition[], kind: DefinitionKind): string | undefined {
  const listed = definitions.filter(({ ref }) => ref.kind === kind);
  return setHash(
    listed.map(({ value, rawFingerprint }) => ({
      name: stringMember(value, 'name'),
      hash: hashOf(value, rawFingerprint),
    })),
  );
}

/** The set hash goes by the definitions as sent: no mask, and two of one name count like any others. */
function hashOf(value: JsonValue | undefined, fingerprint: Fingerprint | undefined): string | undefined {
  if (fingerprint !== undefined) return fingerprint.slice('v1:sha256:'.length);
  return value === undefined ? undefined : sha256Hex(canonicalize(value));
}
