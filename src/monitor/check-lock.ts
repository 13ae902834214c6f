import { takeSnapshot } from '../integrity/take-snapshot.js';
import { isTrue } from '../lock/is-true.js';
import { lockedBaseline } from '../lock/locked-baseline.js';
import { configuredPins, lockable } from '../lock/take-lock.js';
import type { RequestView } from '../model/alert.js';
import type { RequestedChange } from '../model/change-request.js';
import type { Unchecked } from '../model/inspection.js';
import type { ComparedWithLock, LockedServer } from '../model/lock.js';
import type { Mask } from '../model/mask.js';
import type { Neighbour } from '../model/neighbour.js';
import { DEFAULT_POLICY } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { provenanceOf } from '../policy/request-change.js';
import type { MonitorDeps } from './deps.js';
import { VANTAGE } from './deps.js';
import { evaluate, scanAgainst } from './evaluate.js';
import { tryTo } from './try-to.js';
import { createWorkLimits, type WorkLimitOptions } from './work-limits.js';

/** What looking at a server takes where there is no store. */
export type LookDeps = Pick<MonitorDeps, 'observer' | 'scanner' | 'clock'>;

/** A server as it is now. */
export interface Seen {
  readonly kind: 'seen';
  readonly snapshot: Snapshot;
}

/**
 * Observes servers, each over a connection of its own, and records nothing.
 *
 * @throws {SealwatchError} `OBSERVE_ABORTED`. A server that could not be observed is an outcome among the others.
 */
export async function lookAt(
  servers: readonly Server[],
  deps: LookDeps,
  options: WorkLimitOptions,
  signal: AbortSignal,
): Promise<readonly (Seen | Unchecked)[]> {
  const limits = createWorkLimits(options);
  return await Promise.all(servers.map((server) => limits.add(server, () => look(server, deps, signal))));
}

async function look(server: Server, deps: LookDeps, signal: AbortSignal): Promise<Seen | Unchecked> {
  return await tryTo(server, deps.clock, async (): Promise<Seen> => {
    const observation = await deps.observer.observe(server, signal);
    return { kind: 'seen', snapshot: takeSnapshot(observation, { volatile: server.volatile, limits: server.limits }) };
  });
}

/**
 * Returns how a server differs from what a lock says of it, in the way in which it would differ from what is approved. No policy lets
 * anything pass: the lock is what was agreed on, to the letter.
 */
export async function compareWithLock(
  locked: LockedServer,
  seen: Snapshot,
  context: {
    readonly connection: Server['connection'] | undefined;
    readonly volatile: readonly Mask[];
    readonly neighbours: readonly Neighbour[];
  },
  deps: Omit<LookDeps, 'observer'>,
): Promise<ComparedWithLock> {
  const snapshot = { ...seen, definitions: lockable(seen) };
  const definitions = locked.definitions.filter((one) => isTrue(one, context.volatile));
  const baseline = lockedBaseline({ ...locked, definitions }, provenanceOf(snapshot));
  const scans = await scanAgainst(snapshot, baseline, context.neighbours, { scanner: deps.scanner, judged: [] });
  const surroundings = { server: { firstUse: 'hold', reviewEveryMs: undefined }, now: deps.clock.now() } as const;
  const evaluation = evaluate(snapshot, { baseline, waivers: [] }, surroundings, scans, DEFAULT_POLICY);
  const { requested, findings } = evaluation;
  return {
    kind: 'compared',
    server: locked.server,
    view: requested === undefined ? undefined : toView(requested, snapshot, baseline),
    findings,
    pins: pinsThatDiffer(locked, context.connection),
    compared: snapshot.definitions.length,
  };
}

/** In the form in which changes are shown everywhere. It has no number, since nobody can decide it here. */
function toView(requested: RequestedChange, snapshot: Snapshot, baseline: Baseline): RequestView {
  const { server, definitions } = snapshot;
  return {
    request: {
      ...requested,
      id: 0,
      digest: requested.asked,
      server,
      vantage: VANTAGE,
      state: 'open',
      flapping: false,
      openedAt: '',
      endorsements: [],
    },
    contents: new Map([
      ...[...baseline.approved.values()].map(({ version, content }) => [version, content] as const),
      ...definitions.map(({ version, content }) => [version, content] as const),
    ]),
  };
}

function pinsThatDiffer(
  { pins }: LockedServer,
  connection: Server['connection'] | undefined,
): ComparedWithLock['pins'] {
  if (connection === undefined) return undefined;
  const configured = configuredPins({ connection });
  return JSON.stringify([...pins].sort()) === JSON.stringify(configured) ? undefined : { locked: pins, configured };
}
