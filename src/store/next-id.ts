import type { Scope } from './scope.js';

/** Returns the next free number in a table; within a writing transaction nobody else can take it. Rows are never removed. */
export async function nextId(
  rows: Scope,
  table: 'requests' | 'approvals' | 'waivers' | 'alerts' | 'deliveries',
): Promise<number> {
  const last = await rows.select(table).select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return (last?.id ?? 0) + 1;
}
