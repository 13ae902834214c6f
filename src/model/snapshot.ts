import type { Definition, RefText } from './definition.js';
import type { VersionId } from './fingerprint.js';
import type { ServerId } from './server-id.js';

/** An observation after strict parsing and fingerprinting. */
export interface Snapshot {
  readonly server: ServerId;
  readonly vantage: string;
  readonly protocolVersion: string;
  /** Every definition, and the facts about the server, ordered by `refText`. */
  readonly definitions: readonly Definition[];
  /** `sha256:<hex>` over every reference and version, masks included. */
  readonly digest: string;
  readonly setHashes: SetHashes;
  readonly rawDigest: string;
}

/** Set hashes of the open tool definition hash; `undefined` where a definition has no string name or no canonical form. */
export interface SetHashes {
  readonly tools: string | undefined;
  readonly prompts: string | undefined;
  readonly resources: string | undefined;
  readonly resourceTemplates: string | undefined;
  /** SHA-256 of the raw text; `undefined` where the server sends none. */
  readonly instructions: string | undefined;
}

/** What is approved for one server now. It may never have been observed as one snapshot. */
export interface Baseline {
  readonly approved: ReadonlyMap<RefText, ApprovedVersion>;
  /** Whether anything was ever approved for the server: if not, everything is new. */
  readonly isEmpty: boolean;
}

export interface ApprovedVersion {
  readonly refText: RefText;
  readonly version: VersionId;
  /** The stored canonical form, to show differences against. */
  readonly content: string;
  /** The version of the provenance that it was approved with: it counts only together with that. */
  readonly provenance: VersionId;
  readonly approval: number;
  readonly approvedAt: string;
}
