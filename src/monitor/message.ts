import type { Delivery } from '../model/alert.js';
import type { Notifier } from '../ports.js';
import type { MonitorDeps } from './deps.js';
import type { UnsentLinks } from './unsent-links.js';

export interface OutboxDeps extends MonitorDeps {
  readonly notifiers: readonly Notifier[];
  /** Where the approval pages are reached, without a trailing slash; `undefined` where none are served. */
  readonly publicUrl: string | undefined;
  /** Of messages that were not taken yet; absent where nothing is tried again. */
  readonly unsentLinks?: UnsentLinks;
}

/** What goes out as one: a single delivery, or all that were gathered for one recipient. */
export interface Message {
  readonly channel: string;
  readonly recipient: string;
  readonly deliveries: readonly Delivery[];
  /** Until then nobody else sends it. */
  readonly leaseUntil: Date;
}

/** Returns the messages that deliveries go out as: those for the digest together by channel and recipient, each other alone. */
export function toMessages(deliveries: readonly Delivery[], leaseUntil: Date): readonly Message[] {
  const groups = new Map<string, Delivery[]>();
  for (const delivery of deliveries) {
    const { channel, recipient, id } = delivery;
    const key = JSON.stringify(delivery.inDigest ? [channel, recipient] : [channel, recipient, id]);
    groups.set(key, [...(groups.get(key) ?? []), delivery]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ channel: first.channel, recipient: first.recipient, deliveries: group, leaseUntil }];
  });
}
