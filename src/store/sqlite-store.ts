import { type Kysely, sql } from 'kysely';

import type { Store } from '../ports.js';
import { auditMethods } from './audit-methods.js';
import { callMethods } from './call-methods.js';
import type { LogKeys } from './audit-log.js';
import type { CheckpointsFile } from './checkpoints-file.js';
import { deliveryMethods } from './delivery-methods.js';
import { inspectionMethods } from './inspection-methods.js';
import { peopleMethods } from './people-methods.js';
import { requestMethods } from './request-methods.js';
import type { Tables } from './tables.js';
import type { Transactions } from './transactions.js';

/** Returns the store over an open database: each method is one transaction over one consistent state. */
export function sqliteStore(
  db: Kysely<Tables>,
  transactions: Transactions,
  audit: { readonly keys: LogKeys; readonly checkpoints: CheckpointsFile },
): Store {
  return {
    ...inspectionMethods(transactions),
    ...requestMethods(transactions),
    ...deliveryMethods(transactions),
    ...peopleMethods(transactions),
    ...callMethods(transactions),
    ...auditMethods(transactions, audit),
    dataVersion: async () => {
      const { rows } = await sql<{ data_version: number }>`pragma data_version`.execute(db);
      return rows[0]?.data_version ?? 0;
    },
    checkWritable: () => transactions.write(() => Promise.resolve()),
    close: () => db.destroy(),
  };
}
