import { canonicalize } from '../integrity/canonicalize.js';
import { takeSnapshot } from '../integrity/take-snapshot.js';
import type { Definition, DefinitionKind, RefText } from '../model/definition.js';
import type { JsonObject } from '../model/json.js';
import { DEFAULT_LIMITS } from '../model/limits.js';
import { DEFAULT_POLICY } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { approvedAsSnapshot } from './approved-snapshot.js';
import { type MonitorDeps, VANTAGE } from './deps.js';
import { type RecordedCheck, recordSnapshot } from './record-snapshot.js';

/** What a lock says of one server. */
export interface ImportedLock {
  /** All that there is, as it says, of these kinds; of the others it says nothing. */
  readonly kinds: readonly DefinitionKind[];
  readonly definitions: readonly Definition[];
  /** In the lock, and not to be asked for: each stays as it is approved. */
  readonly left: readonly RefText[];
  /** Where the server comes from by the lock, where it says so. */
  readonly provenance: JsonObject | undefined;
}

/**
 * Asks people to approve what a lock says of a server. It approves nothing, whatever the policy says, and is no check of the server.
 *
 * Where the server comes from is as it is approved, or else as the configuration says, with what the lock has recorded besides.
 *
 * @throws {SealwatchError} `REQUEST_OPEN` where another request of the server waits: what a server did must not give way to a file. `STORE_…`
 */
export async function importLock(server: Server, lock: ImportedLock, deps: MonitorDeps): Promise<RecordedCheck> {
  const { baseline } = await deps.store.loadStanding(server.id, VANTAGE);
  const empty = emptySnapshot(server, provenanceFrom(server, lock));
  return await recordSnapshot(
    { ...server, firstUse: 'hold', reviewEveryMs: undefined },
    withDefinitions(empty, kept(baseline, lock, empty), lock.definitions),
    { kind: 'import', fresh: [], durationMs: 0, remarks: [] },
    { ...deps, policy: { ...deps.policy, autoApprove: DEFAULT_POLICY.autoApprove } },
  );
}

/** A lock that was made for another command or address says nothing about this one. */
function provenanceFrom(server: Server, { provenance }: ImportedLock): JsonObject {
  if (provenance === undefined) return server.provenance;
  const written = Object.entries(provenance).filter(([name]) => !RECORDED.includes(name));
  const isSame = canonicalize(Object.fromEntries(written)) === canonicalize(server.provenance);
  return isSame ? provenance : server.provenance;
}

/** What is found out about where a server comes from, and stands in no configuration. */
const RECORDED: readonly string[] = ['certificate', 'package'];

/** Has only where the server comes from. */
function emptySnapshot({ id, volatile }: Server, provenance: JsonObject): Snapshot {
  const observation = {
    server: id,
    vantage: VANTAGE,
    protocolVersion: '',
    handshake: '{}',
    pages: [],
    provenance,
    rawDigest: 'import',
    durationMs: 0,
    remarks: [],
  };
  const snapshot = takeSnapshot(observation, { volatile, limits: DEFAULT_LIMITS });
  return { ...snapshot, definitions: snapshot.definitions.filter(({ ref }) => ref.kind === 'provenance') };
}

/** What is approved and the lock says nothing about. */
function kept(baseline: Baseline, { kinds, left }: ImportedLock, empty: Snapshot): readonly Definition[] {
  return approvedAsSnapshot(baseline, empty).definitions.filter(
    ({ ref, refText }) => !kinds.includes(ref.kind) || left.includes(refText),
  );
}

function withDefinitions(empty: Snapshot, approved: readonly Definition[], wanted: readonly Definition[]): Snapshot {
  const byRef = new Map([...empty.definitions, ...approved, ...wanted].map((one) => [one.refText, one]));
  return { ...empty, definitions: [...byRef.values()].sort((a, b) => (a.refText < b.refText ? -1 : 1)) };
}
