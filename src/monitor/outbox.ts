import PQueue from 'p-queue';

import { messageOf, SealwatchError } from '../errors.js';
import type { Delivery } from '../model/alert.js';
import { mostUrgent, URGENCIES } from '../model/drift.js';
import type { Notifier } from '../ports.js';
import { quote } from '../quote.js';
import { channelAlerts } from './alert.js';
import { composeMessage } from './compose-message.js';
import { type Message, type OutboxDeps, toMessages } from './message.js';

/** A sender that was killed is taken for dead after so long, and its deliveries are tried again. */
const LEASE_MS = 3 * 60_000;

/** So long may one attempt take; with less left of its lease none is begun, so that nobody else sends the same meanwhile. */
const ATTEMPT_MS = 65_000;

/** Waiting between attempts: 5 s, 10 s, 20 s … at most an hour. */
const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 60 * 60_000;

/** Waiting is prolonged by up to a fifth, so that what failed together does not come back in the same moment. */
const JITTER = 0.2;

/** About a day of trying; after that the delivery is kept as dead, where people can see it. */
const MAX_ATTEMPTS = 32;

/** A blip is no news; after so many failures the other channels say that this one fails. */
const FAILURES_WORTH_AN_ALERT = 3;

/** A digest that failed so often may do so because of one of its alerts. */
const ATTEMPTS_TOGETHER = 5;

/** So many alerts of such a digest are tried alone, to see whether its channel takes anything. */
const PROBES = 2;

const BATCH = 200;

/** Sent at once on one channel: a mail server that is shown more connections refuses them. */
const SENDS_PER_CHANNEL = 4;

/** One queue for each channel, so that one that hangs holds back nobody else. */
export type ChannelQueues = Map<string, PQueue>;

/**
 * Sends every alert that is due. Returns how many messages were sent.
 *
 * A delivery stays in the store until its channel took it: one that is interrupted is sent again (at least once).
 *
 * @throws {SealwatchError} `STORE_…`
 */
export async function deliverDue(deps: OutboxDeps, signal: AbortSignal): Promise<number> {
  return sendMessages(await claimMessages(deps), new Map(), deps, signal);
}

/** Leases every delivery that is due, and returns them as the messages to send. @throws {SealwatchError} `STORE_…` */
export async function claimMessages({ store, clock }: OutboxDeps): Promise<readonly Message[]> {
  const now = clock.now();
  const leaseUntil = new Date(now.getTime() + LEASE_MS);
  const claimed: Delivery[] = [];
  for (;;) {
    // All of them, because a digest that is gathered from a part would be several.
    const batch = await store.claimDeliveries(now.toISOString(), leaseUntil.toISOString(), BATCH);
    claimed.push(...batch);
    if (batch.length < BATCH) return toMessages(claimed, leaseUntil);
  }
}

/** Sends messages, each in its channel's queue. Returns how many were sent when all of them ended. @throws {SealwatchError} `STORE_…` */
export async function sendMessages(
  messages: readonly Message[],
  queues: ChannelQueues,
  deps: OutboxDeps,
  signal: AbortSignal,
): Promise<number> {
  const results = await Promise.all(
    messages.map((message) =>
      queueOf(message.channel, queues).add(() => deliverTraced(message, deps, signal), {
        priority: priorityOf(message),
      }),
    ),
  );
  return results.filter((result) => result === 'sent').length;
}

function queueOf(channel: string, queues: ChannelQueues): PQueue {
  const queue = queues.get(channel) ?? new PQueue({ concurrency: SENDS_PER_CHANNEL });
  queues.set(channel, queue);
  return queue;
}

/** What is critical does not wait behind hundreds of others on its channel. */
function priorityOf({ deliveries }: Message): number {
  return URGENCIES.indexOf(mostUrgent(deliveries.map(({ urgency }) => urgency)));
}

type Result = 'sent' | 'moot' | 'failed' | 'too-late';

function deliverTraced(message: Message, deps: OutboxDeps, signal: AbortSignal): Promise<Result> {
  const { channel, deliveries } = message;
  const attributes = { 'sealwatch.channel': channel, 'sealwatch.alerts': deliveries.length };
  return deps.telemetry.span('deliver', attributes, async (set) => {
    const result = await deliver(message, deps, signal);
    set('sealwatch.outcome', result);
    deps.telemetry.delivered({ channel, outcome: result });
    return result;
  });
}

async function deliver(message: Message, deps: OutboxDeps, signal: AbortSignal): Promise<Result> {
  // It waited behind others for too long: when its lease is over it is claimed anew.
  if (deps.clock.now().getTime() + ATTEMPT_MS > message.leaseUntil.getTime()) return 'too-late';
  const alert = await composeMessage(message, deps);
  const failure = alert && (await tryTo(() => notifierFor(message, deps).send(alert, signal)));
  if (failure === undefined) {
    const at = deps.clock.now().toISOString();
    for (const { id } of message.deliveries) await deps.store.markDelivered(id, at);
    for (const one of alert?.items ?? [alert]) forgetLink(one?.link, deps);
    return alert === undefined ? 'moot' : 'sent';
  }
  if (isStuck(message, failure)) return sendApart(message, deps, signal);
  await postpone(message, failure.message, deps);
  return 'failed';
}

function forgetLink(link: string | undefined, { unsentLinks }: OutboxDeps): void {
  if (link !== undefined) unsentLinks?.forget(link.slice(link.lastIndexOf('/') + 1));
}

interface Failure {
  /** `refused`: by the other side. */
  readonly kind: 'refused' | 'unwritable';
  readonly message: string;
}

async function tryTo(send: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    if (!(error instanceof SealwatchError)) return { kind: 'unwritable', message: quote(messageOf(error), 300) };
    if (error.code === 'NOTIFY_FAILED') return { kind: 'refused', message: error.message };
    throw error;
  }
}

/** One alert, whatever its server put into it, must not keep the others of its digest back for good. */
function isStuck({ deliveries }: Message, { kind }: Failure): boolean {
  if (deliveries.length === 1) return false;
  return kind === 'unwritable' || Math.min(...deliveries.map(({ attempts }) => attempts)) >= ATTEMPTS_TOGETHER;
}

/** Sends each alert of a digest alone. Where the first ones all fail it is the channel that fails, and the rest stays together. */
async function sendApart(message: Message, deps: OutboxDeps, signal: AbortSignal): Promise<Result> {
  const { deliveries } = message;
  let isTaken = false;
  for (const [index, delivery] of deliveries.entries()) {
    if (!isTaken && index === PROBES) {
      const rest = { ...message, deliveries: deliveries.slice(index) };
      await postpone(rest, 'the first alerts of the digest failed', deps);
      break;
    }
    const result = await deliver({ ...message, deliveries: [delivery] }, deps, signal);
    isTaken ||= result === 'sent';
  }
  return isTaken ? 'sent' : 'failed';
}

function notifierFor({ channel }: Message, { notifiers }: OutboxDeps): Notifier {
  const notifier = notifiers.find((one) => one.channel === channel);
  if (notifier === undefined)
    throw new SealwatchError('NOTIFY_FAILED', `channel ${channel} is not configured any more`);
  return notifier;
}

async function postpone({ channel, deliveries }: Message, message: string, deps: OutboxDeps): Promise<void> {
  const now = deps.clock.now();
  // One time for all of them, so that a digest stays one message.
  const tries = Math.max(...deliveries.map(({ attempts }) => attempts)) + 1;
  const next = new Date(now.getTime() + delayMs(tries, deps)).toISOString();
  deps.logger.warn(`${nameOf(deliveries)} on ${channel} failed ${tries} times: ${message}`);
  for (const { id, attempts: before } of deliveries) {
    const attempts = before + 1;
    const nextAttemptAt = attempts >= MAX_ATTEMPTS ? undefined : next;
    const alerts = attempts === FAILURES_WORTH_AN_ALERT ? channelAlerts(channel, message, now, deps) : [];
    await deps.store.markFailed(id, { message, nextAttemptAt }, alerts);
  }
}

function nameOf(deliveries: readonly Delivery[]): string {
  const ids = deliveries.slice(0, 3).map(({ id }) => id);
  const more = deliveries.length - ids.length;
  return `alert ${ids.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function delayMs(attempts: number, { random }: OutboxDeps): number {
  const spread = ((random.bytes(1)[0] ?? 0) / 255) * JITTER;
  return Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), MAX_DELAY_MS) * (1 + spread);
}
