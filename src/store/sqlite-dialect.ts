import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import type Database from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely';

import { isBusy, toStoreError } from './sqlite-error.js';

/** Milliseconds that only go forward. */
type Monotonic = () => number;

/** Between two attempts to get the write lock; other transactions take a few milliseconds. */
const RETRY_MS = 5;

/**
 * Returns a Kysely dialect over one open connection. Other than Kysely's own:
 *
 * - a writing transaction takes the write lock when it begins (`begin immediate`), so it cannot fail half-way because another
 *   process wrote first; a `read only` one sees one consistent state and takes no lock;
 * - waiting for the write lock leaves the event loop free, so two stores in one process cannot starve each other;
 * - errors are ours.
 */
export function sqliteDialect(
  database: Database.Database,
  options: { readonly lockWaitMs: number; readonly monotonicMs: Monotonic },
): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database, options.lockWaitMs, options.monotonicMs),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** There is one connection, so transactions of one process follow each other. */
class SqliteDriver implements Driver {
  readonly #database: Database.Database;
  readonly #connection: SqliteConnection;
  readonly #lockWaitMs: number;
  readonly #monotonicMs: Monotonic;
  #lastHolder: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;

  constructor(database: Database.Database, lockWaitMs: number, monotonicMs: Monotonic) {
    this.#database = database;
    this.#connection = new SqliteConnection(database);
    this.#lockWaitMs = lockWaitMs;
    this.#monotonicMs = monotonicMs;
  }

  async init(): Promise<void> {
    // The connection is open already.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#lastHolder;
    let release = (): void => undefined;
    this.#lastHolder = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    return this.#connection;
  }

  releaseConnection(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  async beginTransaction(_connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (settings.accessMode === 'read only') return this.#run('begin');
    // SQLite answers at once, so a caller in a loop would never let signals, timers and requests have their turn.
    await turn();
    const deadline = this.#monotonicMs() + this.#lockWaitMs;
    while (!this.#tryToBegin(deadline)) await sleep(RETRY_MS);
  }

  commitTransaction(): Promise<void> {
    return this.#run('commit');
  }

  async rollbackTransaction(): Promise<void> {
    // On a full disk SQLite has rolled back by itself, and there is nothing left to do.
    if (this.#database.inTransaction) await this.#run('rollback');
  }

  /** Waits for the transaction that is under way. */
  async destroy(): Promise<void> {
    await this.acquireConnection();
    this.#database.close();
    this.#release();
  }

  #tryToBegin(deadline: number): boolean {
    // SQLite's own waiting would block the event loop, and with it a transaction of another store in this process.
    this.#database.pragma('busy_timeout = 0');
    try {
      this.#database.exec('begin immediate');
      return true;
    } catch (error) {
      if (isBusy(error) && this.#monotonicMs() < deadline) return false;
      throw toStoreError(error);
    } finally {
      this.#database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  async #run(sql: string): Promise<void> {
    await this.#connection.executeQuery(CompiledQuery.raw(sql));
  }
}

/** For the rare moments at which even readers wait: another process recovers or closes the write-ahead log. */
export const BUSY_TIMEOUT_MS = 1_000;

class SqliteConnection implements DatabaseConnection {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  // Asynchronous although SQLite is not, so that errors are rejections.
  // eslint-disable-next-line @typescript-eslint/require-await -- see above
  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const statement = this.#prepare(sql);
      if (statement.reader) return { rows: statement.all(parameters) as Row[] };
      const { changes } = statement.run(parameters);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (error) {
      throw toStoreError(error);
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- nothing here streams
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('streaming is not used');
  }

  /** Statements are kept: compiling one takes longer than running it. Lists of parameters make new ones, so not for ever. */
  #prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }
}

const MAX_STATEMENTS = 200;
