import type { ErrorCode } from '../errors.js';
import type { RequestView } from './alert.js';
import type { DefinitionRef, RefText } from './definition.js';
import type { Finding } from './finding.js';
import type { VersionId } from './fingerprint.js';
import type { Pointer } from './pointer.js';
import type { ServerId } from './server-id.js';
import type { SetHashes } from './snapshot.js';

/** What a repository says that its servers declare, one entry for each server, in order of their names. */
export interface Lock {
  readonly servers: readonly LockedServer[];
}

export interface LockedServer {
  readonly server: ServerId;
  /** Package URL of what the command runs, as far as the command tells; with a version where it can only be that one. */
  readonly package: string | undefined;
  /** As the configuration has them, in order. */
  readonly pins: readonly string[];
  readonly protocolVersion: string;
  /** Over the definitions that are locked. */
  readonly setHashes: SetHashes;
  /** In order of their references. */
  readonly definitions: readonly LockedDefinition[];
}

export interface LockedDefinition {
  readonly ref: DefinitionRef;
  readonly refText: RefText;
  /** What is compared; of the masked form where a mask applied. */
  readonly version: VersionId;
  /** The open tool definition hash, version 1, of the whole object as sent: 64 hexadecimal digits. */
  readonly hash: string;
  /** Where a mask applied. */
  readonly masked: readonly Pointer[];
  /** RFC 8785 form. */
  readonly content: string;
}

/** What comparing one server with a lock came to. */
export type LockCheck =
  | ComparedWithLock
  /** Never taken for "as locked". */
  | {
      readonly kind: 'unchecked';
      readonly server: ServerId;
      readonly code: ErrorCode;
      /** Server text quoted. */
      readonly message: string;
    }
  /** In the configuration, not in the lock. It was not started. */
  | { readonly kind: 'not-locked'; readonly server: ServerId }
  /** In the lock, not in the configuration. */
  | { readonly kind: 'not-configured'; readonly server: ServerId }
  /** In the lock, and disabled in the configuration. */
  | { readonly kind: 'disabled'; readonly server: ServerId };

export interface ComparedWithLock {
  readonly kind: 'compared';
  readonly server: ServerId;
  /** Everything that differs; `undefined` where nothing does. */
  readonly view: RequestView | undefined;
  /** Everything that was found in what the server declares now, in what is locked too. */
  readonly findings: readonly Finding[];
  /** The pins of the lock and those of the configuration, where they differ. */
  readonly pins: { readonly locked: readonly string[]; readonly configured: readonly string[] } | undefined;
  /** How many definitions and facts were compared. */
  readonly compared: number;
}

/** Returns whether a server is exactly as the lock says. */
export function isAsLocked(check: LockCheck): boolean {
  return check.kind === 'compared' && check.view === undefined && check.pins === undefined;
}
