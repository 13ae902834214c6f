import type { Pointer } from './pointer.js';
import type { JsonValue } from './json.js';
import type { Fingerprint, VersionId } from './fingerprint.js';
import type { ServerId } from './server-id.js';

/** What a server declares to a model. */
export const DECLARED_KINDS = ['tool', 'prompt', 'resource', 'resource-template', 'instructions'] as const;

/**
 * What is kept about the server itself, in the same way as a definition, so that one request can hold both:
 * `server` is its name, version, capabilities and protocol revision; `provenance` is where it comes from; `face` is what it shows to
 * somebody else than us; `posture` is what it meets of what the specification asks for; `certificate` is there where its certificate
 * ends soon.
 */
const FACT_KINDS = ['server', 'provenance', 'face', 'posture', 'certificate'] as const;

export const DEFINITION_KINDS = [...DECLARED_KINDS, ...FACT_KINDS] as const;

export type DefinitionKind = (typeof DEFINITION_KINDS)[number];

/**
 * Names one definition: server, kind, and name (a resource's URI, a template's URI template; empty for instructions and
 * facts). `position` stands for the name, counted from 0 over all pages, where the definition has no string name.
 */
export interface DefinitionRef {
  readonly server: ServerId;
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly position?: number;
}

/** Returns whether it is what we wrote about a server, and nothing that the server says. */
export function isOurs({ kind }: DefinitionRef): boolean {
  return kind === 'provenance' || kind === 'posture' || kind === 'certificate';
}

/** The text of a {@link DefinitionRef} in its full form, `server/kind/percent-encoded-name`; the key in every table. */
export type RefText = string;

/** Why a definition has no canonical form or no name of its own, and is held whatever else holds. */
export interface Flaw {
  readonly code: FlawCode;
  /** Where in the definition. */
  readonly pointer: Pointer;
  /** One sentence, server text already quoted. */
  readonly message: string;
}

export type FlawCode =
  | 'REPEATED_MEMBER'
  | 'TOO_DEEP'
  | 'NUMBER_RANGE'
  | 'OVERSIZE'
  | 'NOT_AN_OBJECT'
  | 'NO_NAME'
  | 'DUPLICATE_NAME';

/** One version of one definition, as one observation found it. */
export interface Definition {
  readonly ref: DefinitionRef;
  readonly refText: RefText;
  readonly version: VersionId;
  /** Of the whole object as sent, before any mask; `undefined` where it is malformed. */
  readonly rawFingerprint: Fingerprint | undefined;
  /** As sent, unmasked; `undefined` where it is malformed, unless only its name is missing or not its own. */
  readonly value: JsonValue | undefined;
  /** The RFC 8785 form of `value`; the text as sent where it is malformed (cut at the size limit). */
  readonly content: string;
  readonly flaws: readonly Flaw[];
  /** Places of numbers that a double cannot carry exactly. */
  readonly inexactNumbers: readonly Pointer[];
  /** Places where a mask replaced text before fingerprinting. */
  readonly masked: readonly Pointer[];
}
