import type { Kysely } from 'kysely';

import type { Clock } from '../ports.js';
import type { NewEntry } from './audit-entry.js';
import type { AuditLog, LogDraft } from './audit-log.js';
import type { CheckpointsFile } from './checkpoints-file.js';
import { type Scope, scopeTo } from './scope.js';
import { toStoreError } from './sqlite-error.js';
import type { Tables } from './tables.js';

/** One consistent state of a tenant's tables. */
export interface Reading {
  readonly rows: Scope;
  readonly log: Pick<AuditLog, 'catchUp' | 'prove' | 'hold' | 'replay' | 'seal'>;
}

/** A transaction that writes, and holds the write lock from its beginning. */
export interface Writing extends Reading {
  /** Adds an entry to the audit log. Returns its position. @throws {SealwatchError} `AUDIT_BROKEN` */
  readonly append: (entry: NewEntry) => Promise<number>;
}

/** What the store's methods work with. */
export interface Transactions {
  readonly clock: Clock;
  readonly read: <Result>(work: (reading: Reading) => Promise<Result>) => Promise<Result>;
  readonly write: <Result>(work: (writing: Writing) => Promise<Result>) => Promise<Result>;
}

/** Returns transactions over one database and the audit log in it: a checkpoint is signed in the transaction of its entries. */
export function transactionsOver(
  db: Kysely<Tables>,
  options: {
    readonly tenant: string;
    readonly log: AuditLog;
    readonly checkpoints: CheckpointsFile;
    readonly clock: Clock;
    /** Throws where the database is not the one any more that was opened. */
    readonly expectInPlace: () => void;
  },
): Transactions {
  const { tenant, log, checkpoints, clock, expectInPlace } = options;
  return {
    clock,
    read: (work) =>
      db
        .transaction()
        .setAccessMode('read only')
        .execute((transaction) => {
          expectInPlace();
          return work({ rows: scopeTo(transaction, tenant), log });
        })
        .catch(rethrow),
    write: async (work) => {
      const { result, draft, checkpoint } = await db
        .transaction()
        .execute(async (transaction) => {
          expectInPlace();
          const rows = scopeTo(transaction, tenant);
          let draft: LogDraft | undefined;
          const append = async (entry: NewEntry): Promise<number> => {
            draft ??= await log.draft(rows);
            return draft.append(entry);
          };
          const result = await work({ rows, log, append });
          return { result, draft, checkpoint: await draft?.write(rows) };
        })
        .catch(rethrow);
      if (draft !== undefined) log.adopt(draft);
      if (checkpoint !== undefined) checkpoints.append(checkpoint);
      return result;
    },
  };
}

/** The driver's errors are ours already; Kysely has one of its own, for a store that was closed. */
function rethrow(error: unknown): never {
  throw toStoreError(error);
}
