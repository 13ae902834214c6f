import type { ChangeRequest } from '../model/change-request.js';
import type { Verdict } from '../model/decision.js';
import { URGENCIES } from '../model/drift.js';
import { hasRole, type Principal } from '../model/principal.js';
import type { Server } from '../model/server.js';
import type { ServerId } from '../model/server-id.js';
import { isCheckedLately } from '../policy/unchecked.js';
import type { ServerCheck, Standing } from '../ports.js';
import { assess } from './assess.js';
import { type MonitorDeps, VANTAGE } from './deps.js';

/** How a server stands, worst first. */
export const SERVER_STATES = [
  /** It cannot be checked now, or was not for longer than it may be. */
  'unchecked',
  /** A rule blocks something of it. */
  'blocked',
  /** Something differs from what is approved, and waits for a person or was rejected. */
  'held',
  /** It was never checked. */
  'new',
  'approved',
  /** It is in the store, and the configuration does not name it any more. */
  'removed-from-configuration',
] as const;

export type ServerState = (typeof SERVER_STATES)[number];

/** One server in short, out of what is stored: nothing is scanned for it. */
export interface ServerSummary {
  readonly id: ServerId;
  readonly state: ServerState;
  /** Of the newest complete observation, ISO 8601. */
  readonly lastCheckAt: string | undefined;
  /** The outage that is going on. */
  readonly outage: Standing['outage'];
  /** Nothing was checked for longer than it may be: whatever is approved is on hold. */
  readonly isAllOnHold: boolean;
  readonly open: ChangeRequest | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Returns the servers that somebody may see, configured or once seen, worst first.
 *
 * Servers are not evaluated for it, however many there are, but for those whose newest change was rejected: only an evaluation
 * tells whether they still show it.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function listServers(
  principal: Principal,
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<readonly ServerSummary[]> {
  const { store } = deps;
  const checks = (await store.listChecks()).filter(({ vantage }) => vantage === VANTAGE);
  const open = await store.listRequests({ states: ['open'] });
  const rejected = new Set((await store.listRequests({ states: ['rejected'] })).map(({ server }) => server));
  const ids = new Set([...servers.map(({ id }) => id), ...checks.map(({ server }) => server)]);
  const summaries: ServerSummary[] = [];
  for (const id of ids) {
    if (!hasRole(principal, 'viewer', id)) continue;
    const server = servers.find((one) => one.id === id);
    const check = checks.find((one) => one.server === id);
    const summary = summarise(id, { server, check, open: open.find((one) => one.server === id) }, deps);
    const isUnclear = summary.state === 'approved' && rejected.has(id);
    summaries.push(isUnclear && server !== undefined ? await evaluated(summary, server, deps) : summary);
  }
  return summaries.toSorted(inOrder);
}

/** What is stored about one server. */
export interface Known {
  /** `undefined` where the configuration does not name it any more. */
  readonly server: Server | undefined;
  readonly check: Pick<ServerCheck, 'last' | 'outage'> | undefined;
  readonly open: ChangeRequest | undefined;
}

/** Returns one server in short. */
export function summarise(id: ServerId, known: Known, deps: Pick<MonitorDeps, 'clock'>): ServerSummary {
  const { server, check, open } = known;
  const lastCheckAt = check?.last?.at;
  const isAllOnHold =
    server !== undefined &&
    lastCheckAt !== undefined &&
    !isCheckedLately({ lastCheckAt, now: deps.clock.now(), maxUncheckedMs: server.maxUncheckedMs });
  return {
    id,
    state: stateOf(known, isAllOnHold),
    lastCheckAt,
    outage: check?.outage,
    isAllOnHold,
    open,
    labels: server?.labels ?? {},
  };
}

function stateOf({ server, check, open }: Known, isAllOnHold: boolean): ServerState {
  if (server === undefined) return 'removed-from-configuration';
  if (check?.outage !== undefined || isAllOnHold) return 'unchecked';
  if (check?.last === undefined) return 'new';
  if (open?.findings.some(({ blocks }) => blocks) === true) return 'blocked';
  // A review alone holds nothing: what it is about stays allowed meanwhile.
  return open !== undefined && open.changes.length > 0 ? 'held' : 'approved';
}

async function evaluated(summary: ServerSummary, server: Server, deps: MonitorDeps): Promise<ServerSummary> {
  const { decisions } = await assess(server, deps);
  return { ...summary, state: worstOf(decisions.map(({ verdict }) => verdict)) };
}

/** Returns the state that verdicts amount to. */
export function worstOf(verdicts: readonly Verdict[]): ServerState {
  if (verdicts.includes('block')) return 'blocked';
  return verdicts.includes('hold') ? 'held' : 'approved';
}

function inOrder(a: ServerSummary, b: ServerSummary): number {
  const byState = SERVER_STATES.indexOf(a.state) - SERVER_STATES.indexOf(b.state);
  if (byState !== 0) return byState;
  const byUrgency = urgencyRank(b.open) - urgencyRank(a.open);
  if (byUrgency !== 0) return byUrgency;
  return a.id < b.id ? -1 : 1;
}

/** A server without a request comes after all that have one. */
function urgencyRank(open: ChangeRequest | undefined): number {
  return open === undefined ? -1 : URGENCIES.indexOf(open.urgency);
}
