import type { Destination, NewAlert, NewSubject } from '../model/alert.js';
import type { ChangeRequest } from '../model/change-request.js';
import type { Channel } from '../model/channel.js';
import type { Server } from '../model/server.js';
import { channelsFor } from './alert.js';
import type { MonitorDeps } from './deps.js';
import { destinationsOn } from './destinations.js';
import { type Due, dueAt, dueGathered } from './due-at.js';
import { firstTold, toldOn } from './told.js';

/**
 * Puts a reminder of every request that still waits on its way, whenever the time between reminders has passed since it was first
 * told, and one escalation of what is urgent. One that nobody was told of is told: it was recorded before there was a channel for it,
 * or its channel gave up. Doing so again, or after a restart, repeats nothing.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function remind(servers: readonly Server[], deps: MonitorDeps): Promise<void> {
  if (deps.channels.length === 0) return;
  const now = deps.clock.now();
  const alerts: NewAlert[] = [];
  const open = await deps.store.listRequests({ states: ['open'] });
  const told = await deps.store.firstTold(open.map(({ id }) => id));
  for (const request of open) {
    const toldAt = told.get(request.id) ?? (await firstTold(request, deps));
    if (toldAt === undefined) {
      alerts.push(...(await untoldOf(request, servers, now, deps)));
      continue;
    }
    const elapsedMs = now.getTime() - Date.parse(toldAt);
    alerts.push(
      ...remindersOf(request, elapsedMs, servers, now, deps),
      ...escalationsOf(request, elapsedMs, now, deps),
    );
  }
  if (alerts.length > 0) await deps.store.raise(alerts, now.toISOString());
}

/** Once a day for as long as every channel gives it up. */
async function untoldOf(
  request: ChangeRequest,
  servers: readonly Server[],
  now: Date,
  deps: MonitorDeps,
): Promise<readonly NewAlert[]> {
  const channels = channelsOf(request, servers, deps);
  if (channels.length === 0 || (await toldOn(request, deps)).length > 0) return [];
  const { id, asked, urgency } = request;
  const dedupKey = `untold ${id} ${asked} ${now.toISOString().slice(0, 10)}`;
  // Everything that waited before there was a channel is one message to each recipient.
  const to = destinationsOn(channels, dueGathered(urgency, deps.alerting, now));
  return [{ subject: { kind: 'change-request', request: id }, urgency, dedupKey, to }];
}

function channelsOf(request: ChangeRequest, servers: readonly Server[], deps: MonitorDeps): readonly Channel[] {
  const id = request.server;
  const labels = servers.find((server) => server.id === id)?.labels ?? {};
  return channelsFor({ id, labels }, request, deps);
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
  const to = destinationsOn(channelsOf(request, servers, deps), dueFor(request, now, deps));
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
