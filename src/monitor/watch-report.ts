import type { DeliveryRecord } from '../model/alert.js';
import { hasRole, hasRoleEverywhere, type Principal } from '../model/principal.js';
import type { Server } from '../model/server.js';
import type { MonitorDeps } from './deps.js';
import { VANTAGE } from './deps.js';
import { type ServerSummary, summarise } from './servers.js';

/** What somebody has to know besides what waits: whether anybody is watching, and whether alerts arrive. */
export interface WatchReport {
  /** Configured servers that the person may see. */
  readonly watched: number;
  /** Those of them that cannot be checked, or were not for too long: nobody knows how they stand. */
  readonly unchecked: readonly ServerSummary[];
  /** Those of them that were never checked so far. */
  readonly neverChecked: readonly ServerSummary[];
  /** Alerts that were given up or that failed and are tried again; `undefined` for whoever may not see every server. */
  readonly failing: readonly DeliveryRecord[] | undefined;
}

/** More failing alerts are counted on their own page. */
const MAX_FAILING = 100;

/** Among so many there is one that the person may see, in most cases. */
const RECENT = 50;

/**
 * Returns how the watch itself stands, for the servers that somebody may see.
 *
 * @throws {SealwatchError} `STORE_…`
 */
export async function watchReport(
  principal: Principal,
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<WatchReport> {
  const { store } = deps;
  const checks = (await store.listChecks()).filter(({ vantage }) => vantage === VANTAGE);
  const visible = servers.filter(({ id }) => hasRole(principal, 'viewer', id));
  const summaries = visible.map((server) => {
    const check = checks.find((one) => one.server === server.id);
    return summarise(server.id, { server, check, open: undefined }, deps);
  });
  return {
    watched: visible.length,
    unchecked: summaries.filter(({ state }) => state === 'unchecked'),
    neverChecked: summaries.filter(({ state }) => state === 'new'),
    failing: hasRoleEverywhere(principal, 'viewer') ? await failingDeliveries(deps) : undefined,
  };
}

/**
 * Returns when the newest of the requests that somebody may see was decided or went away: since then nothing waits, where nothing does.
 * `undefined` where nobody knows: there is none among the newest, or one comes and goes, which the log does not follow.
 *
 * @throws {SealwatchError} `STORE_…`
 */
export async function quietSince(
  principal: Principal,
  { store }: Pick<MonitorDeps, 'store'>,
): Promise<string | undefined> {
  const recent = await store.listRequests({ newest: RECENT });
  const visible = recent.filter(({ server }) => hasRole(principal, 'viewer', server));
  if (visible.some(({ state, flapping }) => flapping && state === 'withdrawn')) return undefined;
  const ids = new Set(visible.map(({ id }) => id));
  const ends = await store.searchAudit({ types: ENDS, limit: RECENT });
  return ends.find(({ details }) => ids.has(Number(details?.['request'])))?.at;
}

const ENDS = ['request-approved', 'request-rejected', 'request-withdrawn'] as const;

async function failingDeliveries({ store }: MonitorDeps): Promise<readonly DeliveryRecord[]> {
  const records = await store.listDeliveries({ states: ['dead', 'waiting'], limit: MAX_FAILING });
  return records.filter(({ state, attempts }) => state === 'dead' || attempts > 0);
}
