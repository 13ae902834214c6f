import { SealwatchError } from '../errors.js';
import type { AlertSubject, Delivery, NewAlert } from '../model/alert.js';
import type { Urgency } from '../model/drift.js';
import { nextId } from './next-id.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';

/** Puts alerts on their way, one delivery for each recipient. An alert that was raised before is passed over. */
export async function saveAlerts(
  rows: Scope,
  alerts: readonly NewAlert[],
  at: string,
  openRequest: number | undefined,
): Promise<void> {
  for (const alert of alerts) if (!(await isKnown(rows, alert))) await saveAlert(rows, alert, at, openRequest);
}

/** Returns the deliveries that are due, and leases them. */
export async function claimDue(
  rows: Scope,
  now: string,
  leaseUntil: string,
  limit: number,
): Promise<readonly Delivery[]> {
  const due = await findDue(rows, now, limit);
  if (due.length === 0) return [];
  const ids = due.map(({ id }) => id);
  await rows.update('deliveries', { lease_until: leaseUntil }).where('id', 'in', ids).execute();
  const alerts = await rows
    .select('alerts')
    .selectAll()
    .where(
      'id',
      'in',
      due.map(({ alert }) => alert),
    )
    .execute();
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  return due.flatMap(({ id, alert, channel, recipient, attempts }): readonly Delivery[] => {
    const found = byId.get(alert);
    if (found === undefined) return [];
    const subject = readJson<AlertSubject>(found.subject);
    return [
      { id, channel, recipient, attempts, subject, urgency: found.urgency as Urgency, createdAt: found.created_at },
    ];
  });
}

/** Returns deliveries that are due and leased to nobody. */
export async function findDue(
  rows: Scope,
  now: string,
  limit: number,
): Promise<readonly { id: number; alert: number; channel: string; recipient: string; attempts: number }[]> {
  return rows
    .select('deliveries')
    .select(['id', 'alert', 'channel', 'recipient', 'attempts'])
    .where('state', '=', 'waiting')
    .where('next_attempt_at', '<=', now)
    .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<=', now)]))
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Notes that a channel took a delivery. */
export async function saveDelivered(rows: Scope, id: number, at: string): Promise<void> {
  await rows.update('deliveries', { state: 'sent', sent_at: at, lease_until: null }).where('id', '=', id).execute();
}

/** Notes a failed attempt; without a next one the delivery is dead. */
export async function saveFailed(
  rows: Scope,
  id: number,
  failure: { readonly message: string; readonly nextAttemptAt: string | undefined },
): Promise<void> {
  const delivery = await rows.select('deliveries').select('attempts').where('id', '=', id).executeTakeFirst();
  if (delivery === undefined) throw new SealwatchError('NOT_FOUND', `there is no delivery ${id}`);
  const { message, nextAttemptAt } = failure;
  const next = nextAttemptAt === undefined ? { state: 'dead' as const } : { next_attempt_at: nextAttemptAt };
  await rows
    .update('deliveries', { attempts: delivery.attempts + 1, message, lease_until: null, ...next })
    .where('id', '=', id)
    .execute();
}

/** Returns how many deliveries are on their way, and how many were given up. */
export async function countByState(rows: Scope): Promise<{ readonly waiting: number; readonly dead: number }> {
  const counts = await rows
    .select('deliveries')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const count = (state: string): number => counts.find((row) => row.state === state)?.count ?? 0;
  return { waiting: count('waiting'), dead: count('dead') };
}

async function isKnown(rows: Scope, { dedupKey }: NewAlert): Promise<boolean> {
  const known = await rows.select('alerts').select('id').where('dedup_key', '=', dedupKey).executeTakeFirst();
  return known !== undefined;
}

async function saveAlert(rows: Scope, alert: NewAlert, at: string, openRequest: number | undefined): Promise<void> {
  const id = await nextId(rows, 'alerts');
  const subject = JSON.stringify(subjectOf(alert, openRequest));
  await rows
    .insert('alerts', { id, dedup_key: alert.dedupKey, subject, urgency: alert.urgency, created_at: at })
    .execute();
  const firstDelivery = await nextId(rows, 'deliveries');
  const deliveries = alert.to.map(({ channel, recipient }, index) => ({
    id: firstDelivery + index,
    alert: id,
    channel,
    recipient,
    state: 'waiting' as const,
    attempts: 0,
    next_attempt_at: at,
    lease_until: null,
    sent_at: null,
    message: null,
  }));
  if (deliveries.length > 0) await rows.insert('deliveries', deliveries).execute();
}

function subjectOf({ subject }: NewAlert, openRequest: number | undefined): AlertSubject {
  if (subject.kind !== 'change-request') return subject;
  if (openRequest === undefined) throw new SealwatchError('STORE_FAILED', 'an alert about a request, and none is open');
  return { kind: 'change-request', request: openRequest };
}
