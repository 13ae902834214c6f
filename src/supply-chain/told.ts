import type { JsonValue } from '../model/json.js';
import {
  type Ecosystem,
  type Evidence,
  type EvidenceName,
  nothingKnown,
  type PackageFacts,
  unknown,
} from '../model/package-facts.js';

/** What can only be had or not: nobody says that there is none. */
export type Told<T> =
  | { readonly kind: 'present'; readonly value: T }
  | { readonly kind: 'unknown'; readonly why: string };

/** Some of the evidence. */
export type SomeEvidence = Partial<Record<EvidenceName, Evidence<JsonValue>>>;

/** Returns a value that was had. */
export function had<T>(value: T): Told<T> {
  return { kind: 'present', value };
}

/** Returns that something could not be had, with the reason. */
export function notHad<T>(why: string): Told<T> {
  return { kind: 'unknown', why };
}

/** Returns the evidence whole: what is not given is `unknown`, for one reason. */
export function withUnknown(given: SomeEvidence, why: string): PackageFacts['evidence'] {
  return { ...nothingKnown(why), ...given };
}

/** What was known before anybody was asked. */
interface Asked {
  readonly purl: string | undefined;
  readonly ecosystem: Ecosystem;
  readonly requested: string | undefined;
}

/** Returns the facts of what nothing could be told about. */
export function unknownFacts(asked: Asked, why: string): PackageFacts {
  return { ...asked, resolved: unknown(why), integrity: unknown(why), evidence: nothingKnown(why) };
}
