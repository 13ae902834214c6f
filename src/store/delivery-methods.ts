import type { Store } from '../ports.js';
import { findFirstTold, findToldOn, hasNews, saveAlerts } from './alerts.js';
import {
  claimDue,
  countByState,
  findDue,
  loadDeliveries,
  reviveDelivery,
  saveDelivered,
  saveFailed,
} from './deliveries.js';
import type { Transactions } from './transactions.js';

/** Returns what the store can do with alerts on their way. */
export function deliveryMethods({
  read,
  write,
  clock,
}: Transactions): Pick<
  Store,
  | 'claimDeliveries'
  | 'markDelivered'
  | 'markFailed'
  | 'countDeliveries'
  | 'listDeliveries'
  | 'retryDelivery'
  | 'raise'
  | 'firstTold'
  | 'toldOn'
> {
  return {
    claimDeliveries: async (now, leaseUntil, limit) => {
      // Asked every few seconds and mostly in vain: the write lock is taken only where there is something to lease.
      const due = await read(({ rows }) => findDue(rows, now, 1));
      return due.length === 0 ? [] : write(({ rows }) => claimDue(rows, now, leaseUntil, limit));
    },
    markDelivered: (id, at) => write(({ rows }) => saveDelivered(rows, id, at)),
    markFailed: (id, failure, alerts) =>
      write(async ({ rows }) => {
        await saveFailed(rows, id, failure);
        await saveAlerts(rows, alerts, clock.now().toISOString(), undefined);
      }),
    countDeliveries: () => read(({ rows }) => countByState(rows)),
    listDeliveries: (filter) => read(({ rows }) => loadDeliveries(rows, filter)),
    retryDelivery: (id, actor, at) => write((writing) => reviveDelivery(writing, id, actor, at)),
    raise: async (alerts, at) => {
      // Reminders are raised at every turn and are mostly known: only news takes the write lock.
      if (await read(({ rows }) => hasNews(rows, alerts)))
        await write(({ rows }) => saveAlerts(rows, alerts, at, undefined));
    },
    firstTold: (requests) => read(({ rows }) => findFirstTold(rows, requests)),
    toldOn: (requests) => read(({ rows }) => findToldOn(rows, requests)),
  };
}
