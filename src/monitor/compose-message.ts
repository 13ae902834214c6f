import type { Delivery, OutgoingAlert } from '../model/alert.js';
import type { ChangeRequest } from '../model/change-request.js';
import { mostUrgent, URGENCIES, type Urgency } from '../model/drift.js';
import { loadView } from './assess.js';
import { issueLink } from './link.js';
import type { Message, OutboxDeps } from './message.js';

/** Nobody follows more links out of one message; the inbox has the rest. */
const MAX_LINKS = 50;

/** A delivery with what it is about now. */
interface Item {
  readonly delivery: Delivery;
  /** `undefined` where it is about no request. */
  readonly request: ChangeRequest | undefined;
  readonly urgency: Urgency;
}

/**
 * Returns what to send now, a digest where it is more than one alert; `undefined` where nothing is left to tell, because somebody
 * settled the requests before.
 */
export async function composeMessage(message: Message, deps: OutboxDeps): Promise<OutgoingAlert | undefined> {
  const items = await itemsOf(message, deps);
  const alerts: OutgoingAlert[] = [];
  for (const [index, item] of items.entries()) {
    alerts.push(await outgoing(item, index < MAX_LINKS ? deps : { ...deps, publicUrl: undefined }));
  }
  const [first] = alerts;
  if (first === undefined || alerts.length === 1) return first;
  return {
    subject: { kind: 'digest' },
    urgency: mostUrgent(alerts.map(({ urgency }) => urgency)),
    createdAt: alerts.map(({ createdAt }) => createdAt).sort()[0] ?? first.createdAt,
    recipient: message.recipient,
    view: undefined,
    link: undefined,
    items: alerts,
    ...(deps.publicUrl === undefined ? {} : { inbox: deps.publicUrl }),
  };
}

/** Worst first, oldest first among equals; a request once, however often it was to be told. */
async function itemsOf({ deliveries }: Message, deps: OutboxDeps): Promise<readonly Item[]> {
  const items = await Promise.all(deliveries.map((delivery) => itemOf(delivery, deps)));
  const ids = new Set<number>();
  const once = items.filter((item): item is Item => {
    if (item?.request === undefined) return item !== undefined;
    const isFirst = !ids.has(item.request.id);
    ids.add(item.request.id);
    return isFirst;
  });
  return once.sort(
    (a, b) => URGENCIES.indexOf(b.urgency) - URGENCIES.indexOf(a.urgency) || a.delivery.id - b.delivery.id,
  );
}

/**
 * Returns `undefined` where somebody settled the request before the alert went out. That a change was shown and taken back is told
 * all the same, unless it was told before: a server could time it so that nobody ever hears of it.
 */
async function itemOf(delivery: Delivery, deps: OutboxDeps): Promise<Item | undefined> {
  const { subject, urgency } = delivery;
  if (subject.kind !== 'change-request') return { delivery, request: undefined, urgency };
  const request = await newestOf(subject.request, deps);
  if (request === undefined || request.state === 'approved' || request.state === 'rejected') return undefined;
  if (subject.occasion !== undefined && request.state !== 'open') return undefined;
  return { delivery, request, urgency: request.urgency };
}

/** A request that drifted on while the alert waited is told as it is now. */
async function newestOf(id: number, deps: OutboxDeps): Promise<ChangeRequest | undefined> {
  const request = await deps.store.getRequest(id);
  return request?.supersededBy === undefined ? request : newestOf(request.supersededBy, deps);
}

async function outgoing({ delivery, request, urgency }: Item, deps: OutboxDeps): Promise<OutgoingAlert> {
  const { subject, createdAt, recipient } = delivery;
  const inbox = deps.publicUrl === undefined ? {} : { inbox: deps.publicUrl };
  if (request === undefined)
    return { subject, urgency, createdAt, recipient, view: undefined, link: undefined, ...inbox };
  return {
    subject: subject.kind === 'change-request' ? { ...subject, request: request.id } : subject,
    urgency,
    createdAt,
    recipient,
    view: await loadView(request, deps.store),
    ...(await linkFor(request, recipient, deps)),
    ...inbox,
  };
}

/** A channel without recipients (standard output, a log) is read by anybody: it gets no link that decides. */
async function linkFor(
  request: ChangeRequest,
  recipient: string,
  deps: OutboxDeps,
): Promise<Pick<OutgoingAlert, 'link' | 'linkExpiresAt'>> {
  if (deps.publicUrl === undefined || recipient === '') return { link: undefined };
  const key = JSON.stringify([request.id, request.asked, recipient]);
  const kept = deps.unsentLinks?.find(key, deps.clock.now());
  const { token, expiresAt } = kept ?? (await issueLink(request, recipient, deps));
  if (kept === undefined) deps.unsentLinks?.keep(key, { token, expiresAt });
  return { link: `${deps.publicUrl}/approve/${token}`, linkExpiresAt: expiresAt };
}
