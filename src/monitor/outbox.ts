import { messageOf, SealwatchError } from '../errors.js';
import type { Delivery, OutgoingAlert } from '../model/alert.js';
import type { ChangeRequest } from '../model/change-request.js';
import type { Notifier } from '../ports.js';
import { channelAlerts } from './alert.js';
import { loadView } from './assess.js';
import type { MonitorDeps } from './deps.js';
import { issueLink } from './link.js';

export interface OutboxDeps extends MonitorDeps {
  readonly notifiers: readonly Notifier[];
  /** Where the approval pages are reached, without a trailing slash; `undefined` where none are served. */
  readonly publicUrl: string | undefined;
}

/** A sender that was killed is taken for dead after so long, and its delivery is tried again. */
const LEASE_MS = 2 * 60_000;

/** Waiting between attempts: 5 s, 10 s, 20 s … at most an hour. */
const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 60 * 60_000;

/** About a day of trying; after that the delivery is kept as dead, where people can see it. */
const MAX_ATTEMPTS = 32;

/** A blip is no news; after so many failures the other channels say that this one fails. */
const FAILURES_WORTH_AN_ALERT = 3;

const BATCH = 20;

/**
 * Sends every alert that is due. Returns how many were sent.
 *
 * A delivery stays in the store until its channel took it: one that is interrupted is sent again (at least once).
 *
 * @throws {SealwatchError} `STORE_…`
 */
export async function deliverDue(deps: OutboxDeps, signal: AbortSignal): Promise<number> {
  const now = deps.clock.now();
  const leaseUntil = new Date(now.getTime() + LEASE_MS).toISOString();
  const due = await deps.store.claimDeliveries(now.toISOString(), leaseUntil, BATCH);
  const results = await Promise.all(due.map((delivery) => deliver(delivery, deps, signal)));
  return results.filter((sent) => sent === 'sent').length;
}

async function deliver(delivery: Delivery, deps: OutboxDeps, signal: AbortSignal): Promise<'sent' | 'failed' | 'moot'> {
  try {
    const alert = await outgoing(delivery, deps);
    if (alert !== undefined) await notifierFor(delivery, deps).send(alert, signal);
    await deps.store.markDelivered(delivery.id, deps.clock.now().toISOString());
    return alert === undefined ? 'moot' : 'sent';
  } catch (error) {
    if (error instanceof SealwatchError && error.code === 'NOTIFY_FAILED') {
      await postpone(delivery, messageOf(error), deps);
      return 'failed';
    }
    throw error;
  }
}

/**
 * Returns what to send now; `undefined` where somebody settled the request before the alert went out. That a change was shown
 * and taken back is told all the same: a server could time it so that nobody ever hears of it.
 */
async function outgoing(delivery: Delivery, deps: OutboxDeps): Promise<OutgoingAlert | undefined> {
  const { subject, urgency, createdAt, recipient } = delivery;
  if (subject.kind !== 'change-request')
    return { subject, urgency, createdAt, recipient, view: undefined, link: undefined };
  const request = await newestOf(subject.request, deps);
  if (request === undefined || request.state === 'approved' || request.state === 'rejected') return undefined;
  return {
    subject: { kind: 'change-request', request: request.id },
    urgency: request.urgency,
    createdAt,
    recipient,
    view: await loadView(request, deps.store),
    ...(await linkFor(request, recipient, deps)),
  };
}

/** A request that drifted on while the alert waited is told as it is now. */
async function newestOf(id: number, deps: OutboxDeps): Promise<ChangeRequest | undefined> {
  const request = await deps.store.getRequest(id);
  return request?.supersededBy === undefined ? request : newestOf(request.supersededBy, deps);
}

/** A channel without recipients (standard output, a log) is read by anybody: it gets no link that decides. */
async function linkFor(
  request: ChangeRequest,
  recipient: string,
  deps: OutboxDeps,
): Promise<Pick<OutgoingAlert, 'link' | 'linkExpiresAt'>> {
  if (deps.publicUrl === undefined || recipient === '') return { link: undefined };
  const { token, expiresAt } = await issueLink(request, recipient, deps);
  return { link: `${deps.publicUrl}/approve/${token}`, linkExpiresAt: expiresAt };
}

function notifierFor(delivery: Delivery, deps: OutboxDeps): Notifier {
  const notifier = deps.notifiers.find(({ channel }) => channel === delivery.channel);
  if (notifier === undefined)
    throw new SealwatchError('NOTIFY_FAILED', `channel ${delivery.channel} is not configured any more`);
  return notifier;
}

async function postpone(delivery: Delivery, message: string, deps: OutboxDeps): Promise<void> {
  const attempts = delivery.attempts + 1;
  const now = deps.clock.now();
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), MAX_DELAY_MS);
  const nextAttemptAt = attempts >= MAX_ATTEMPTS ? undefined : new Date(now.getTime() + delayMs).toISOString();
  const alerts =
    attempts === FAILURES_WORTH_AN_ALERT
      ? channelAlerts(delivery.channel, message, now.toISOString(), deps.channels)
      : [];
  deps.logger.warn(`alert ${delivery.id} on ${delivery.channel} failed ${attempts} times: ${message}`);
  await deps.store.markFailed(delivery.id, { message, nextAttemptAt }, alerts);
}
