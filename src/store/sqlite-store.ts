import { type Kysely, sql } from 'kysely';

import type { Store } from '../ports.js';
import { claimDue, countByState, findDue, saveAlerts, saveDelivered, saveFailed } from './alerts.js';
import { loadBaseline } from './approvals.js';
import { deleteApprover, loadApprovers, nameOfSession, nameOfToken, saveApprover, saveBrowser } from './approvers.js';
import { toAuditEntry } from './audit-entry.js';
import type { LogKeys } from './audit-log.js';
import { countUnchanged, findCheck, findOutage, loadStamp, toLastCheck } from './checks.js';
import type { CheckpointsFile } from './checkpoints-file.js';
import { areNew, saveInputs } from './inputs.js';
import { loadLink, saveLink } from './links.js';
import { recordInspection, recordUnchecked } from './record.js';
import { findNewestRequest, findOpenRequest, findRequestRow, listRequestRows, toRequest } from './requests.js';
import { revokeApprovals } from './revoke.js';
import { settleRequest } from './settle.js';
import { loadHistory } from './sightings.js';
import { loadNewestSnapshot } from './snapshots.js';
import { loadNeighbours } from './surfaces.js';
import type { Tables } from './tables.js';
import type { Transactions } from './transactions.js';
import { verifyAudit } from './verify-audit.js';
import { loadTexts } from './versions.js';
import { loadWaivers, saveWaiver } from './waivers.js';

/** Returns the store over an open database: each method is one transaction over one consistent state. */
export function sqliteStore(
  db: Kysely<Tables>,
  transactions: Transactions,
  audit: { readonly keys: LogKeys; readonly checkpoints: CheckpointsFile },
): Store {
  const { read, write, clock } = transactions;
  return {
    loadStanding: (server, vantage) =>
      read(async (reading) => {
        const { rows } = reading;
        const check = await findCheck(rows, server, vantage);
        const baseline = await loadBaseline(reading, server, vantage);
        const waivers = await loadWaivers(reading, server);
        const open = await findOpenRequest(rows, server, vantage);
        return {
          revision: check?.revision ?? 0,
          baseline,
          waivers,
          open: open && toRequest(open),
          last: toLastCheck(check),
          outage: await findOutage(rows, server, vantage),
        };
      }),
    loadStamp: (server, vantage) => read(({ rows }) => loadStamp(rows, server, vantage)),
    loadNeighbours: (except) => read(({ rows }) => loadNeighbours(rows, except)),
    loadSnapshot: (server, vantage) => read(({ rows }) => loadNewestSnapshot(rows, server, vantage)),

    record: (record) => write((writing) => recordInspection(writing, record)),
    recordUnchanged: (server, vantage, at) => write(({ rows }) => countUnchanged(rows, server, vantage, at)),
    recordFailure: (unchecked, alerts) => write((writing) => recordUnchecked(writing, unchecked, alerts)),

    listRequests: (filter) => read(async ({ rows }) => (await listRequestRows(rows, filter)).map(toRequest)),
    getRequest: (id) =>
      read(async ({ rows }) => {
        const row = await findRequestRow(rows, id);
        return row && toRequest(row);
      }),
    findRequest: (server, vantage, digest) =>
      read(async ({ rows }) => {
        const row = await findNewestRequest(rows, server, vantage, digest);
        return row && toRequest(row);
      }),
    loadContents: (versions) => read(({ rows }) => loadTexts(rows, versions)),
    history: (refText) => read(({ rows }) => loadHistory(rows, refText)),

    settle: (settlement) => write((writing) => settleRequest(writing, settlement)),
    revoke: (refTexts, actor, at, comment) =>
      write((writing) => revokeApprovals(writing, refTexts, { actor, at, comment })),
    addWaiver: (waiver, actor, at) => write((writing) => saveWaiver(writing, waiver, actor, at)),
    recordRefusal: ({ request, code, actor, at }) =>
      write(async ({ append }) => {
        await append({ type: 'approval-refused', at, actor, details: { request: request ?? null, code } });
      }),

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

    issueLink: (link) => write((writing) => saveLink(writing, link)),
    findLink: (hash) => read((reading) => loadLink(reading, hash)),

    addApprover: (approver) => write((writing) => saveApprover(writing, approver)),
    listApprovers: () => read((reading) => loadApprovers(reading, clock.now().toISOString())),
    removeApprover: (name, at, by) => write((writing) => deleteApprover(writing, name, at, by)),
    findApproverByToken: (tokenHash) => read((reading) => nameOfToken(reading, tokenHash)),
    enrolBrowser: (enrolment) => write((writing) => saveBrowser(writing, enrolment)),
    findApproverBySession: (sessionHash, now) => read((reading) => nameOfSession(reading, sessionHash, now)),

    noteInputs: async (inputs, at) => {
      if (await read((reading) => areNew(reading, inputs))) await write((writing) => saveInputs(writing, inputs, at));
    },
    auditEntries: ({ from, limit }) =>
      read(async ({ rows }) => {
        const entries = rows.select('audit_entries').selectAll().where('position', '>=', from);
        return (await entries.orderBy('position').limit(limit).execute()).map(toAuditEntry);
      }),
    verifyAudit: (checkpoint) =>
      read(({ rows }) => verifyAudit(rows, audit.keys, { file: audit.checkpoints, given: checkpoint })),

    dataVersion: async () => {
      const { rows } = await sql<{ data_version: number }>`pragma data_version`.execute(db);
      return rows[0]?.data_version ?? 0;
    },
    close: () => db.destroy(),
  };
}
