import { SealwatchError } from '../errors.js';
import type { AlertSubject, NewAlert } from '../model/alert.js';
import { nextId } from './next-id.js';
import type { Scope } from './scope.js';
import { chunks } from './versions.js';

/**
 * Puts alerts on their way, one delivery for each recipient. An alert that was raised before is passed over.
 *
 * @param openRequest what an alert about a change request is about, where it does not say it itself.
 */
export async function saveAlerts(
  rows: Scope,
  alerts: readonly NewAlert[],
  at: string,
  openRequest: number | undefined,
): Promise<void> {
  for (const alert of alerts) if (!(await isKnown(rows, alert))) await saveAlert(rows, alert, at, openRequest);
}

/** Returns whether any of the alerts was not raised before. */
export async function hasNews(rows: Scope, alerts: readonly NewAlert[]): Promise<boolean> {
  for (const alert of alerts) if (!(await isKnown(rows, alert))) return true;
  return false;
}

/** Returns when each of the requests was first told to anybody; those that were told to nobody are left out. */
export async function findFirstTold(rows: Scope, requests: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const told = new Map<number, string>();
  for (const chunk of chunks(requests)) {
    const alerts = await rows.select('alerts').select(['id', 'request']).where('request', 'in', chunk).execute();
    for (const { id, request } of alerts) {
      const sentAt = await firstSent(rows, id);
      if (request === null || sentAt === undefined) continue;
      const before = told.get(request);
      if (before === undefined || sentAt < before) told.set(request, sentAt);
    }
  }
  return told;
}

/** Returns the channels of every delivery about the requests that was not given up. */
export async function findToldOn(rows: Scope, requests: readonly number[]): Promise<readonly string[]> {
  const channels = new Set<string>();
  for (const chunk of chunks(requests)) {
    const alerts = await rows.select('alerts').select('id').where('request', 'in', chunk).execute();
    for (const ids of chunks(alerts.map(({ id }) => id))) {
      const told = rows.select('deliveries').select('channel').where('alert', 'in', ids).where('state', '!=', 'dead');
      for (const { channel } of await told.execute()) channels.add(channel);
    }
  }
  return [...channels];
}

async function isKnown(rows: Scope, { dedupKey }: NewAlert): Promise<boolean> {
  const known = await rows.select('alerts').select('id').where('dedup_key', '=', dedupKey).executeTakeFirst();
  return known !== undefined;
}

async function saveAlert(rows: Scope, alert: NewAlert, at: string, openRequest: number | undefined): Promise<void> {
  const id = await nextId(rows, 'alerts');
  const subject = subjectOf(alert, openRequest);
  const request = subject.kind === 'change-request' ? subject.request : null;
  const { dedupKey, urgency, to } = alert;
  await rows
    .insert('alerts', {
      id,
      dedup_key: dedupKey,
      subject: JSON.stringify(subject),
      urgency,
      created_at: at,
      request,
    })
    .execute();
  const firstDelivery = await nextId(rows, 'deliveries');
  const deliveries = to.map(({ channel, recipient, notBefore, inDigest }, index) => ({
    id: firstDelivery + index,
    alert: id,
    channel,
    recipient,
    state: 'waiting' as const,
    attempts: 0,
    next_attempt_at: notBefore !== undefined && notBefore > at ? notBefore : at,
    lease_until: null,
    sent_at: null,
    message: null,
    in_digest: inDigest === true ? 1 : 0,
  }));
  if (deliveries.length > 0) await rows.insert('deliveries', deliveries).execute();
}

function subjectOf({ subject }: NewAlert, openRequest: number | undefined): AlertSubject {
  if (subject.kind !== 'change-request') return subject;
  const request = subject.request ?? openRequest;
  if (request === undefined) throw new SealwatchError('STORE_FAILED', 'an alert about a request, and none is open');
  return { ...subject, request };
}

async function firstSent(rows: Scope, alert: number): Promise<string | undefined> {
  const first = await rows
    .select('deliveries')
    .select('sent_at')
    .where('alert', '=', alert)
    .where('sent_at', 'is not', null)
    .orderBy('sent_at')
    .limit(1)
    .executeTakeFirst();
  return first?.sent_at ?? undefined;
}
