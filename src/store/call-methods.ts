import type { Store } from '../ports.js';
import { countCall } from './call-counts.js';
import { loadConsent, loadSameConsent, saveConsent, settleConsent, useConsent } from './consents.js';
import type { Transactions } from './transactions.js';

/** Returns what the store knows of calls: how many there were on a day, and what people are asked before one. */
export function callMethods({
  read,
  write,
}: Transactions): Pick<Store, 'askConsent' | 'findConsent' | 'decideConsent' | 'useConsent' | 'countCall'> {
  return {
    askConsent: async (asked, { mostWaiting }) =>
      // A client that tries again and again is the usual case, and takes no write lock.
      (await read((reading) => loadSameConsent(reading, asked))) ??
      (await write((writing) => saveConsent(writing, asked, mostWaiting))),
    findConsent: (id) => read((reading) => loadConsent(reading, id)),
    decideConsent: (decided) => write((writing) => settleConsent(writing, decided)),
    countCall: (call) => write((writing) => countCall(writing, call)),
    useConsent: (id, at) => write((writing) => useConsent(writing, id, at)),
  };
}
