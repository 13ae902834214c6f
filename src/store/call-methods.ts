import type { Store } from '../ports.js';
import { countCall } from './call-counts.js';
import { loadConsent, loadSameConsent, saveConsent, settleConsent, useConsent } from './consents.js';
import { expectsCallLog, noteCallLog } from './expected-call-log.js';
import type { Transactions } from './transactions.js';

/** Returns what the store knows of calls: how many there were on a day, what people are asked before one, and that they are logged. */
export function callMethods({
  read,
  write,
}: Transactions): Pick<
  Store,
  'askConsent' | 'findConsent' | 'decideConsent' | 'useConsent' | 'countCall' | 'expectsCallLog' | 'noteCallLog'
> {
  return {
    askConsent: async (asked, { mostWaiting }) =>
      // A client that tries again and again is the usual case, and takes no write lock.
      (await read((reading) => loadSameConsent(reading, asked))) ??
      (await write((writing) => saveConsent(writing, asked, mostWaiting))),
    findConsent: (id) => read((reading) => loadConsent(reading, id)),
    decideConsent: (decided) => write((writing) => settleConsent(writing, decided)),
    countCall: (call) => write((writing) => countCall(writing, call)),
    useConsent: (id, at) => write((writing) => useConsent(writing, id, at)),
    expectsCallLog: () => read(expectsCallLog),
    noteCallLog: (note) => write((writing) => noteCallLog(writing, note)),
  };
}
