import { takeSnapshot } from '../integrity/take-snapshot.js';
import { asDefinition, isTrue } from '../lock/is-true.js';
import type { Definition, DefinitionKind, RefText } from '../model/definition.js';
import { DEFAULT_LIMITS } from '../model/limits.js';
import type { LockedDefinition } from '../model/lock.js';
import { DEFAULT_POLICY } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { approvedAsSnapshot } from './approved-snapshot.js';
import { type MonitorDeps, VANTAGE } from './deps.js';
import { type RecordedCheck, recordSnapshot } from './record-snapshot.js';

/** What of a lock is asked for. */
export interface Import {
  readonly recorded: RecordedCheck;
  /** Left out, since the text does not show what the fingerprint is of. */
  readonly left: readonly RefText[];
}

/**
 * Asks people to approve what a lock says of a server. It approves nothing, whatever the policy says, and is no check of the server.
 *
 * Only the `kinds` that the lock is about can change; where the server comes from is as it is approved, or else configured.
 *
 * @throws {SealwatchError} `REQUEST_OPEN` where another request of the server waits: what a server did must not give way to a file. `STORE_…`
 */
export async function importLock(
  server: Server,
  locked: readonly LockedDefinition[],
  kinds: readonly DefinitionKind[],
  deps: MonitorDeps,
): Promise<Import> {
  const { baseline } = await deps.store.loadStanding(server.id, VANTAGE);
  const about: readonly DefinitionKind[] = kinds.filter((kind) => kind !== 'provenance' && kind !== 'certificate');
  const wanted = locked.filter(({ ref }) => about.includes(ref.kind));
  const shown = wanted.filter((one) => isTrue(one, server.volatile) && !one.version.includes('+numbers:'));
  const left = wanted.filter((one) => !shown.includes(one)).map(({ refText }) => refText);
  const snapshot = withDefinitions(
    emptySnapshot(server),
    shown.map((one) => asDefinition(one, server.volatile)),
    kept(baseline, about, left, server),
  );
  const recorded = await recordSnapshot(
    { ...server, firstUse: 'hold', reviewEveryMs: undefined },
    snapshot,
    { kind: 'import', fresh: [], durationMs: 0, remarks: [] },
    { ...deps, policy: { ...deps.policy, autoApprove: DEFAULT_POLICY.autoApprove } },
  );
  return { recorded, left };
}

/** What is approved and the lock says nothing about. */
function kept(
  baseline: Baseline,
  about: readonly DefinitionKind[],
  left: readonly RefText[],
  server: Server,
): readonly Definition[] {
  return approvedAsSnapshot(baseline, emptySnapshot(server)).definitions.filter(
    ({ ref, refText }) => !about.includes(ref.kind) || left.includes(refText),
  );
}

/** Has only where the server comes from. */
function emptySnapshot({ id, provenance, volatile }: Server): Snapshot {
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

function withDefinitions(empty: Snapshot, wanted: readonly Definition[], approved: readonly Definition[]): Snapshot {
  const byRef = new Map([...empty.definitions, ...approved, ...wanted].map((one) => [one.refText, one]));
  return { ...empty, definitions: [...byRef.values()].sort((a, b) => (a.refText < b.refText ? -1 : 1)) };
}
