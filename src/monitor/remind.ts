import type { Destination, NewAlert, NewSubject } from '../model/alert.js';
import type { ChangeRequest } from '../model/change-request.js';
import type { Server } from '../model/server.js';
import { channelsFor } from './alert.js';
import type { MonitorDeps } from './deps.js';
import { destinationsOn } from './destinations.js';
import { type Due, dueAt, dueGathered } from './due-at.js';

/**
 * Puts a reminder of every request that still waits on its way, whenever the time between reminders has passed since it was first
 * told, and one escalation of what is urgent. Doing so again, or after a restart, repeats nothing.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function remind(servers: readonly Server[], deps: MonitorDeps): Promise<void> {
  const { remindAfterMs, escalation } = deps.alerting;
  if (remindAfterMs === undefined && escalation === undefined) return;
  const now = deps.clock.now();
  const alerts: NewAlert[] = [];
  for (const { request, toldAt } of await findTold(deps)) {
    const elapsedMs = now.getTime() - Date.parse(toldAt);
    alerts.push(
      ...remindersOf(request, elapsedMs, servers, now, deps),
      ...escalationsOf(request, elapsedMs, now, deps),
    );
  }
  if (alerts.length > 0) await deps.store.raise(alerts, now.toISOString());
}

/** A request that waits, and when it was first told, itself or as what it was before it drifted on. */
interface Told {
  readonly request: ChangeRequest;
  readonly toldAt: string;
}

async function findTold({ store }: MonitorDeps): Promise<readonly Told[]> {
  const open = await store.listRequests({ states: ['open'] });
  const told = await store.firstTold(open.map(({ id }) => id));
  const found: Told[] = [];
  for (const request of open) {
    // A server that keeps drifting without getting worse makes new requests, each of which nobody was told of.
    const toldAt = told.get(request.id) ?? (await firstToldBefore(request, store));
    if (toldAt !== undefined) found.push({ request, toldAt });
  }
  return found;
}

/** A chain longer than this is cut: what it began with was told too long ago to matter. */
const MAX_EARLIER = 200;

async function firstToldBefore(request: ChangeRequest, store: MonitorDeps['store']): Promise<string | undefined> {
  const filter = { states: ['superseded'], server: request.server, newest: MAX_EARLIER } as const;
  const earlier = await store.listRequests(filter);
  const chain = [request.id];
  for (const one of [...earlier].reverse()) {
    if (one.supersededBy !== undefined && chain.includes(one.supersededBy)) chain.push(one.id);
  }
  const told = await store.firstTold(chain);
  return [...told.values()].sort()[0];
}

function remindersOf(
  request: ChangeRequest,
  elapsedMs: number,
  servers: readonly Server[],
  now: Date,
  deps: MonitorDeps,
): readonly NewAlert[] {
  const { remindAfterMs } = deps.alerting;
  if (remindAfterMs === undefined) return [];
  const times = Math.floor(elapsedMs / remindAfterMs);
  if (times < 1) return [];
  const id = request.server;
  const labels = servers.find((server) => server.id === id)?.labels ?? {};
  const to = destinationsOn(channelsFor({ id, labels }, request, deps), dueFor(request, now, deps));
  return [alertOf(request, 'reminder', to, ` ${times}`)];
}

function escalationsOf(request: ChangeRequest, elapsedMs: number, now: Date, deps: MonitorDeps): readonly NewAlert[] {
  const { escalation } = deps.alerting;
  const isUrgent = request.urgency === 'high' || request.urgency === 'critical';
  if (escalation === undefined || !isUrgent || elapsedMs < escalation.afterMs) return [];
  const channels = deps.channels.filter(({ name }) => escalation.channels.includes(name));
  return [alertOf(request, 'escalation', destinationsOn(channels, dueFor(request, now, deps)), '')];
}

function alertOf(
  { id, asked, urgency }: ChangeRequest,
  occasion: 'reminder' | 'escalation',
  to: readonly Destination[],
  nth: string,
): NewAlert {
  const subject: NewSubject = { kind: 'change-request', request: id, occasion };
  return { subject, urgency, dedupKey: `${occasion} ${id} ${asked}${nth}`, to };
}

/** Hundreds of requests that were told together are due together again: to each recipient they are one message. */
function dueFor({ urgency }: ChangeRequest, now: Date, { alerting }: MonitorDeps): Due {
  return alerting.atOnce.includes(urgency) ? dueGathered(urgency, alerting, now) : dueAt(urgency, alerting, now);
}
