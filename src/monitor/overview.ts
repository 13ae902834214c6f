import type { ChangeRequest } from '../model/change-request.js';
import { CHANGE_CLASSES, type ChangeClass, type Urgency } from '../model/drift.js';
import { type Severity, SEVERITIES } from '../model/finding.js';
import { hasRole, hasRoleEverywhere, type Principal } from '../model/principal.js';
import type { Server } from '../model/server.js';
import type { MonitorDeps } from './deps.js';
import { listServers, SERVER_STATES, type ServerState } from './servers.js';
import { type TimeToApproval, timeToApproval } from './time-to-approval.js';

/** What a security team wants to see from across the room; only of servers that the principal may see. */
export interface Overview {
  /** When it was made, ISO 8601. */
  readonly at: string;
  readonly servers: Readonly<Record<ServerState, number>>;
  /** Requests that wait for a decision. */
  readonly waiting: number;
  /** Requests opened on each day (UTC), oldest day first; days without any are in it. */
  readonly drift: readonly DriftDay[];
  /** Of the requests that were opened in these days. */
  readonly approval: TimeToApproval;
  /** In the requests that wait. Most urgent first. */
  readonly classes: readonly { readonly class: ChangeClass; readonly count: number }[];
  /** In the requests that wait. Gravest first, then most frequent. */
  readonly rules: readonly { readonly rule: string; readonly severity: Severity; readonly count: number }[];
  /** Alerts on their way and given up; `undefined` for somebody who may not see every server. */
  readonly deliveries: { readonly waiting: number; readonly dead: number } | undefined;
}

export interface DriftDay extends Readonly<Record<Urgency, number>> {
  /** `2026-11-22`. */
  readonly day: string;
}

const DAY_MS = 86_400_000;

/**
 * Returns the overview of the last `days` days, today included, from what is stored.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function overview(
  principal: Principal,
  servers: readonly Server[],
  { days }: { readonly days: number },
  deps: MonitorDeps,
): Promise<Overview> {
  const { store, clock } = deps;
  const now = clock.now();
  const dates = lastDays(now, days);
  const openedSince = `${dates[0] ?? ''}T00:00:00.000Z`;
  const isVisible = ({ server }: ChangeRequest): boolean => hasRole(principal, 'viewer', server);
  const recent = (await store.listRequests({ openedSince })).filter(isVisible);
  const open = (await store.listRequests({ states: ['open'] })).filter(isVisible);
  const summaries = await listServers(principal, servers, deps);
  return {
    at: now.toISOString(),
    servers: countStates(summaries.map(({ state }) => state)),
    waiting: open.length,
    drift: dates.map((day) => driftOf(day, recent)),
    approval: timeToApproval(recent),
    classes: countClasses(open),
    rules: countRules(open),
    deliveries: hasRoleEverywhere(principal, 'viewer') ? await store.countDeliveries() : undefined,
  };
}

/** Days of UTC, which has no day of 23 hours. */
function lastDays(now: Date, days: number): readonly string[] {
  return Array.from({ length: days }, (_, index) =>
    new Date(now.getTime() - (days - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}

function countStates(states: readonly ServerState[]): Readonly<Record<ServerState, number>> {
  const count = (state: ServerState): number => states.filter((one) => one === state).length;
  return Object.fromEntries(SERVER_STATES.map((state) => [state, count(state)])) as Record<ServerState, number>;
}

function driftOf(day: string, requests: readonly ChangeRequest[]): DriftDay {
  const opened = requests.filter(({ openedAt }) => openedAt.startsWith(day));
  const count = (urgency: Urgency): number => opened.filter((request) => request.urgency === urgency).length;
  return { day, critical: count('critical'), high: count('high'), low: count('low'), info: count('info') };
}

function countClasses(open: readonly ChangeRequest[]): Overview['classes'] {
  const classes = open.flatMap(({ changes }) => changes.map((change) => change.class));
  return CHANGE_CLASSES.map((name) => ({ class: name, count: classes.filter((one) => one === name).length })).filter(
    ({ count }) => count > 0,
  );
}

function countRules(open: readonly ChangeRequest[]): Overview['rules'] {
  const counts = new Map<string, { rule: string; severity: Severity; count: number }>();
  for (const { rule, severity } of open.flatMap(({ findings }) => findings)) {
    const before = counts.get(rule);
    // One rule may find things of several severities: the gravest says how it stands.
    const worst = before !== undefined && rank(before.severity) > rank(severity) ? before.severity : severity;
    counts.set(rule, { rule, severity: worst, count: (before?.count ?? 0) + 1 });
  }
  return [...counts.values()].toSorted(
    (a, b) => rank(b.severity) - rank(a.severity) || b.count - a.count || (a.rule < b.rule ? -1 : 1),
  );
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
