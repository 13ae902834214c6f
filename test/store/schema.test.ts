import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { newStore, query } from './fixture.js';

const SRC = join(import.meta.dirname, '..', '..', 'src', 'store');

test('the database schema is the frozen one: a change needs a new migration', async () => {
  const { stateDir } = await newStore();
  const items = query(stateDir, `select sql from sqlite_master where name not like 'sqlite_%' order by name`);
  const text = items.map(({ sql }) => `${String(sql).replace(/\s+/g, ' ')};\n`).join('');
  await expect(text).toMatchFileSnapshot('schema.golden.sql');
});

test('every row but the list of migrations belongs to a tenant', async () => {
  const { stateDir } = await newStore();
  const tables = query(stateDir, `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`);
  const without = tables.filter(
    ({ name }) =>
      !query(stateDir, `select name from pragma_table_info('${String(name)}')`).some(
        (column) => column['name'] === 'tenant',
      ),
  );
  expect(without).toEqual([{ name: 'migrations' }]);
});

test('one place makes the queries, so that none can forget the tenant', () => {
  const others = readdirSync(SRC).filter(
    (name) => name.endsWith('.ts') && !['scope.ts', 'migrations.ts'].includes(name),
  );
  const asking = others.filter((name) =>
    /\.(selectFrom|insertInto|updateTable|deleteFrom|replaceInto|mergeInto)\(/.test(
      readFileSync(join(SRC, name), 'utf8'),
    ),
  );
  expect(asking).toEqual([]);
});
