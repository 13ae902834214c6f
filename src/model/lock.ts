import type { RequestedChange } from './change-request.js';
import type { DefinitionKind } from './definition.js';
import type { ErrorCode } from '../errors.js';
import type { VersionId } from './fingerprint.js';
import type { JsonObject, JsonValue } from './json.js';
import type { ServerId } from './server-id.js';
import type { SetHashes } from './snapshot.js';

/** What servers declared when somebody wrote it down to be reviewed like code. */
export interface Lock {
  readonly servers: ReadonlyMap<ServerId, LockedServer>;
}

/** One server in a {@link Lock}. */
export interface LockedServer {
  readonly provenance: JsonObject;
  /** Keys that its certificates have to have, by the configuration. */
  readonly pins: readonly string[];
  readonly setHashes: SetHashes;
  /** All but the provenance, ordered by kind and name. */
  readonly definitions: readonly LockedDefinition[];
}

/** One definition in a {@link Lock}, as sent but for what a mask covers. */
export interface LockedDefinition {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly version: VersionId;
  readonly value: JsonValue;
}

/** What became of one server when it was compared with a lock. */
export type LockCheck =
  | { readonly kind: 'as-locked'; readonly server: ServerId }
  | {
      readonly kind: 'changed';
      readonly server: ServerId;
      /** Empty of changes where only findings, pins or refusals are news. */
      readonly requested: Pick<RequestedChange, 'changes' | 'findings' | 'urgency'>;
      /** RFC 8785 forms of the versions that it names. */
      readonly contents: ReadonlyMap<VersionId, string>;
      readonly pinsChanged: PinChange | undefined;
      /** What the policy asks of the package and it does not meet, a sentence for each: locking it does not lift that. */
      readonly refusals: readonly string[];
    }
  | { readonly kind: 'not-locked'; readonly server: ServerId }
  | { readonly kind: 'not-configured'; readonly server: ServerId }
  | { readonly kind: 'disabled'; readonly server: ServerId }
  | { readonly kind: 'unchecked'; readonly server: ServerId; readonly code: ErrorCode; readonly message: string };

/** Where a report says that something stands. */
export interface LockPlaces {
  /** The lock, as the repository names it. */
  readonly file: string;
  /** Returns the line in it, counted from 1, of a server or of a definition, by its reference. */
  readonly lineOf: (place: string) => number;
}

/** The configuration asks for other keys than the lock names. */
interface PinChange {
  readonly locked: readonly string[];
  readonly configured: readonly string[];
}
