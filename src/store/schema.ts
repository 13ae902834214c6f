import type Database from 'better-sqlite3';

import { SealwatchError } from '../errors.js';

/**
 * Returns what a database is made of: every table, index, view and trigger with its text. What SQLite makes for itself is left out.
 */
export function readSchema(database: Database.Database): readonly SchemaItem[] {
  const items = database.prepare(
    "select type, name, sql from sqlite_master where name not like 'sqlite_%' order by name",
  );
  return items.all() as SchemaItem[];
}

export interface SchemaItem {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/**
 * Compares a database with what it has to be. A trigger or view that somebody added would rewrite what we record.
 *
 * @throws {SealwatchError} `STORE_CORRUPT`
 */
export function expectSchema(found: readonly SchemaItem[], expected: readonly SchemaItem[]): void {
  const texts = (items: readonly SchemaItem[]): readonly string[] =>
    items.map(({ type, name, sql }) => `${type} ${name}: ${sql}`);
  const missing = expected.filter(({ name }) => !found.some((item) => item.name === name)).map(({ name }) => name);
  if (missing.length > 0) throw corrupt(`it lacks ${missing.join(', ')}`);
  const known = texts(expected);
  const foreign = found.filter((_, index) => !known.includes(texts(found)[index] ?? '')).map(({ name }) => name);
  if (foreign.length > 0) throw corrupt(`it has ${foreign.join(', ')} in a form that this program did not make`);
}

function corrupt(what: string): SealwatchError {
  return new SealwatchError(
    'STORE_CORRUPT',
    `the store is not as it was made, ${what}: restore sealwatch.db from a backup`,
  );
}
