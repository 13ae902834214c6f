import type { Store } from '../ports.js';
import { toAuditEntry } from './audit-entry.js';
import type { LogKeys } from './audit-log.js';
import type { CheckpointsFile } from './checkpoints-file.js';
import { exportAudit } from './export-audit.js';
import { areNew, saveInputs } from './inputs.js';
import { searchAudit } from './search-audit.js';
import type { Transactions } from './transactions.js';
import { verifyAudit } from './verify-audit.js';

/** Returns what the store can do with its audit log, besides writing to it. */
export function auditMethods(
  { read, write }: Transactions,
  audit: { readonly keys: LogKeys; readonly checkpoints: CheckpointsFile },
): Pick<Store, 'noteInputs' | 'auditEntries' | 'searchAudit' | 'exportAudit' | 'verifyAudit'> {
  return {
    noteInputs: async (inputs, at) => {
      if (await read((reading) => areNew(reading, inputs))) await write((writing) => saveInputs(writing, inputs, at));
    },
    auditEntries: ({ from, limit }) =>
      read(async ({ rows }) => {
        const entries = rows.select('audit_entries').selectAll().where('position', '>=', from);
        return (await entries.orderBy('position').limit(limit).execute()).map(toAuditEntry);
      }),
    searchAudit: (filter) => read(({ rows }) => searchAudit(rows, filter)),
    exportAudit: () => read(({ rows }) => exportAudit(rows, audit.keys)),
    verifyAudit: (checkpoint) =>
      read(({ rows }) => verifyAudit(rows, audit.keys, { file: audit.checkpoints, given: checkpoint })),
  };
}
