import { setImmediate } from 'node:timers/promises';

import type { Finding } from '../model/finding.js';
import type { Neighbour } from '../model/neighbour.js';
import { parseServerId } from '../model/server-id.js';
import type { Snapshot } from '../model/snapshot.js';
import type { RulePack } from '../scan/rule-pack.js';
import { scanDefinitions } from '../scan/scan-snapshot.js';
import { ownRules } from './own-rules.js';
import { type Listing, takeListing } from './take-listing.js';

/** Whose listing it is, and what is beside it. */
export interface ScanOptions {
  /** What stands for the server in references: `[a-z0-9][a-z0-9-]{0,62}`, `server` where none is given. */
  readonly server?: string;
  /** Tool names of other servers that the same model sees, to find names that are taken or look alike. None where none are given. */
  readonly neighbours?: readonly { readonly server: string; readonly tools: readonly string[] }[];
}

/**
 * Returns what the rules that come with the package, and the learned model, find in a listing: each finding with its rule, its severity, the
 * definition (`refText`), and the place in it (`pointer`, a JSON Pointer, with `span` in UTF-16 code units).
 *
 * None is no proof of harmlessness. What is malformed, too long to be scanned whole, or could not be scanned is a finding itself.
 * `excerpt` is raw text of the server: show it with {@link quote}. Takes about 0.1 ms for a real tool, and up to 10 ms for each kilobyte of a
 * hostile one, on this thread; between definitions others have their turn, and the signal is looked at.
 *
 * @throws {SealwatchError} `OBSERVE_SHAPE`, `OBSERVE_TOO_MANY_DEFINITIONS`, `SERVER_ID_INVALID`, `JSON_…` as for reading the listing;
 * `RULE_INVALID` where the rules are not there. What the signal was aborted with.
 */
export async function scan(
  listing: Listing,
  options: ScanOptions = {},
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  const snapshot = takeListing(listing, options.server ?? DEFAULT_SERVER);
  return scanWith(snapshot, neighboursOf(options), await ownRules(), signal);
}

/** What stands for the server where nobody says which one it is. */
export const DEFAULT_SERVER = 'server';

/**
 * Returns the other servers of the options.
 *
 * @throws {SealwatchError} `SERVER_ID_INVALID`
 */
export function neighboursOf({ neighbours = [] }: ScanOptions): readonly Neighbour[] {
  return neighbours.map(({ server, tools }) => ({ server: parseServerId(server), tools }));
}

/** Returns what rules find in a snapshot, one definition after the other. */
export async function scanWith(
  snapshot: Snapshot,
  neighbours: readonly Neighbour[],
  pack: RulePack,
  signal: AbortSignal | undefined,
): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  for (const findings of scanDefinitions(snapshot, neighbours, pack, 0)) {
    all.push(...findings);
    await setImmediate();
    signal?.throwIfAborted();
  }
  return all;
}
