import { SealwatchError } from '../errors.js';
import type { AlertSubject, Delivery, DeliveryRecord } from '../model/alert.js';
import { type Actor, actorText } from '../model/change-request.js';
import type { Urgency } from '../model/drift.js';
import type { Store } from '../ports.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import type { AlertRow, DeliveryRow } from './tables.js';
import type { Writing } from './transactions.js';
import { chunks } from './versions.js';

/**
 * Returns the deliveries that are due, and leases them. Where one of them goes out in a digest, all others that are due in the
 * same one come with it, also beyond the limit: they are one message.
 */
export async function claimDue(
  rows: Scope,
  now: string,
  leaseUntil: string,
  limit: number,
): Promise<readonly Delivery[]> {
  const due = new Map((await findDue(rows, now, limit)).map((row) => [row.id, row]));
  for (const row of [...due.values()]) {
    if (row.in_digest === 1) for (const other of await findSameDigest(rows, now, row)) due.set(other.id, other);
  }
  const claimed = [...due.values()].sort((a, b) => a.id - b.id);
  for (const chunk of chunks(claimed.map(({ id }) => id))) {
    await rows.update('deliveries', { lease_until: leaseUntil }).where('id', 'in', chunk).execute();
  }
  return withAlerts(rows, claimed);
}

/** Returns deliveries that are due and leased to nobody. */
export async function findDue(rows: Scope, now: string, limit: number): Promise<readonly DeliveryRow[]> {
  return dueBy(rows, now).orderBy('id').limit(limit).execute();
}

/** Returns deliveries as people see them, newest first. */
export async function loadDeliveries(
  rows: Scope,
  { states, limit }: Parameters<Store['listDeliveries']>[0],
): Promise<readonly DeliveryRecord[]> {
  const all = rows.select('deliveries').selectAll();
  const chosen = states === undefined ? all : all.where('state', 'in', states);
  const stored = await chosen.orderBy('id', 'desc').limit(limit).execute();
  const byId = new Map(stored.map((row) => [row.id, row]));
  return (await withAlerts(rows, stored)).flatMap((delivery) => {
    const row = byId.get(delivery.id);
    return row === undefined ? [] : [toRecord(delivery, row)];
  });
}

/** Puts a dead delivery on its way again. @throws {SealwatchError} `NOT_FOUND` where there is no dead one of that number. */
export async function reviveDelivery(writing: Writing, id: number, actor: Actor, at: string): Promise<void> {
  const { rows } = writing;
  const row = await rows.select('deliveries').selectAll().where('id', '=', id).executeTakeFirst();
  if (row?.state !== 'dead') throw new SealwatchError('NOT_FOUND', `there is no delivery ${id} that was given up`);
  const { channel, recipient } = row;
  const details = { delivery: id, channel, recipient };
  await writing.append({ type: 'delivery-retried', at, actor: actorText(actor), details });
  const again = { state: 'waiting' as const, attempts: 0, next_attempt_at: at, lease_until: null };
  await rows.update('deliveries', again).where('id', '=', id).execute();
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

async function findSameDigest(
  rows: Scope,
  now: string,
  { channel, recipient }: DeliveryRow,
): Promise<readonly DeliveryRow[]> {
  return dueBy(rows, now)
    .where('in_digest', '=', 1)
    .where('channel', '=', channel)
    .where('recipient', '=', recipient)
    .execute();
}

function dueBy(rows: Scope, now: string) {
  return rows
    .select('deliveries')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('next_attempt_at', '<=', now)
    .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<=', now)]));
}

async function withAlerts(rows: Scope, deliveries: readonly DeliveryRow[]): Promise<readonly Delivery[]> {
  const alerts = new Map<number, AlertRow>();
  for (const chunk of chunks([...new Set(deliveries.map(({ alert }) => alert))])) {
    const found = await rows.select('alerts').selectAll().where('id', 'in', chunk).execute();
    for (const alert of found) alerts.set(alert.id, alert);
  }
  return deliveries.flatMap((row) => {
    const alert = alerts.get(row.alert);
    return alert === undefined ? [] : [toDelivery(row, alert)];
  });
}

function toDelivery({ id, channel, recipient, attempts, in_digest }: DeliveryRow, alert: AlertRow): Delivery {
  return {
    id,
    channel,
    recipient,
    attempts,
    inDigest: in_digest === 1,
    subject: readJson<AlertSubject>(alert.subject),
    urgency: alert.urgency as Urgency,
    createdAt: alert.created_at,
  };
}

function toRecord(delivery: Delivery, row: DeliveryRow): DeliveryRecord {
  const { state, next_attempt_at, sent_at, message } = row;
  return {
    ...delivery,
    state,
    nextAttemptAt: next_attempt_at,
    sentAt: sent_at ?? undefined,
    message: message ?? undefined,
  };
}
