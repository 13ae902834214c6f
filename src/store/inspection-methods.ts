import type { Store } from '../ports.js';
import { loadBaseline } from './approvals.js';
import { countUnchanged, findCheck, findOutage, listChecks, loadStamp, toLastCheck } from './checks.js';
import { loadHistory, loadHistoryOf } from './history.js';
import { loadJudgements, saveJudgements } from './judgements.js';
import { listSealed, loadSealed, saveSealed } from './sealed.js';
import { recordInspection, recordUnchecked } from './record.js';
import { expectNoneHidden, readRequest } from './read-requests.js';
import { findOpenRequest } from './requests.js';
import { loadNewestSnapshot } from './snapshots.js';
import { loadNeighbours } from './surfaces.js';
import type { Transactions } from './transactions.js';
import { loadTexts } from './versions.js';
import { loadWaivers } from './waivers.js';

/** Returns what the store can do for inspections: what was seen, and what it is held against. */
export function inspectionMethods({
  read,
  write,
}: Transactions): Pick<
  Store,
  | 'loadStanding'
  | 'loadStamp'
  | 'loadNeighbours'
  | 'loadSnapshot'
  | 'record'
  | 'recordUnchanged'
  | 'recordFailure'
  | 'loadContents'
  | 'history'
  | 'historyOf'
  | 'listChecks'
  | 'loadJudgements'
  | 'saveJudgements'
  | 'listSealed'
  | 'loadSealed'
  | 'saveSealed'
> {
  return {
    loadStanding: (server, vantage) =>
      read(async (reading) => {
        const { rows } = reading;
        const check = await findCheck(rows, server, vantage);
        const open = await findOpenRequest(rows, server, vantage);
        await expectNoneHidden(reading, open === undefined ? [] : [open], { server, vantage });
        return {
          revision: check?.revision ?? 0,
          baseline: await loadBaseline(reading, server, vantage),
          waivers: await loadWaivers(reading, server),
          open: await readRequest(reading, open),
          last: toLastCheck(check),
          outage: await findOutage(rows, server, vantage),
        };
      }),
    loadStamp: (server, vantage) => read((reading) => loadStamp(reading, server, vantage)),
    loadNeighbours: (except) => read(({ rows }) => loadNeighbours(rows, except)),
    loadSnapshot: (server, vantage) => read(({ rows }) => loadNewestSnapshot(rows, server, vantage)),
    record: (record) => write((writing) => recordInspection(writing, record)),
    recordUnchanged: (server, vantage, at) => write(({ rows }) => countUnchanged(rows, server, vantage, at)),
    recordFailure: (unchecked, alerts) => write((writing) => recordUnchecked(writing, unchecked, alerts)),
    loadContents: (versions) => read(({ rows }) => loadTexts(rows, versions)),
    history: (refText) => read(({ rows }) => loadHistory(rows, refText)),
    historyOf: (server) => read(({ rows }) => loadHistoryOf(rows, server)),
    loadJudgements: (judge, texts) => read(({ rows }) => loadJudgements(rows, judge, texts)),
    saveJudgements: (judge, judgements) => write(({ rows }) => saveJudgements(rows, judge, judgements)),
    listSealed: () => read(({ rows }) => listSealed(rows)),
    loadSealed: (name) => read(({ rows }) => loadSealed(rows, name)),
    saveSealed: (name, text, at) => write(({ rows }) => saveSealed(rows, name, text, at)),
    listChecks: () => read(({ rows }) => listChecks(rows)),
  };
}
