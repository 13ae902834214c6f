import type {
  DeleteQueryBuilder,
  DeleteResult,
  InsertQueryBuilder,
  InsertResult,
  Kysely,
  SelectQueryBuilder,
  Updateable,
  UpdateQueryBuilder,
  UpdateResult,
} from 'kysely';

import type { Tables, TenantTable } from './tables.js';

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- Kysely's own type for "nothing selected yet"
type Nothing = {};

/** The tables of one tenant. Whatever is asked or written through it is that tenant's. */
export interface Scope {
  select<Table extends TenantTable>(table: Table): SelectQueryBuilder<Tables, Table, Nothing>;
  insert<Table extends TenantTable>(
    table: Table,
    rows: Unscoped<Table> | readonly Unscoped<Table>[],
  ): InsertQueryBuilder<Tables, Table, InsertResult>;
  update<Table extends TenantTable>(
    table: Table,
    values: Partial<Unscoped<Table>>,
  ): UpdateQueryBuilder<Tables, Table, Table, UpdateResult>;
  remove<Table extends TenantTable>(table: Table): DeleteQueryBuilder<Tables, Table, DeleteResult>;
}

type Unscoped<Table extends TenantTable> = Omit<Tables[Table], 'tenant'>;

/**
 * Returns the tables of one tenant: the only place that scopes queries, and the only one that may make them.
 *
 * The assertions are here because Kysely cannot resolve a column of a table that is still a type parameter; every table in
 * {@link TenantTable} has the column.
 */
export function scopeTo(db: Kysely<Tables>, tenant: string): Scope {
  const any = db as unknown as Kysely<Record<TenantTable, { tenant: string }>>;
  return {
    select: <Table extends TenantTable>(table: Table) =>
      any.selectFrom(table as 'checks').where('tenant', '=', tenant) as unknown as SelectQueryBuilder<
        Tables,
        Table,
        Nothing
      >,
    insert: <Table extends TenantTable>(table: Table, rows: Unscoped<Table> | readonly Unscoped<Table>[]) =>
      any
        .insertInto(table as 'checks')
        .values(
          (Array.isArray(rows) ? rows : [rows]).map((row: Nothing) => ({ ...row, tenant })),
        ) as unknown as InsertQueryBuilder<Tables, Table, InsertResult>,
    update: <Table extends TenantTable>(table: Table, values: Partial<Unscoped<Table>>) =>
      any
        .updateTable(table as 'checks')
        .set(values as Updateable<{ tenant: string }>)
        .where('tenant', '=', tenant) as unknown as UpdateQueryBuilder<Tables, Table, Table, UpdateResult>,
    remove: <Table extends TenantTable>(table: Table) =>
      any.deleteFrom(table as 'checks').where('tenant', '=', tenant) as unknown as DeleteQueryBuilder<
        Tables,
        Table,
        DeleteResult
      >,
  };
}
