import { CALL_VIEWS, type CallView } from '../model/call-limits.js';
import type { Store } from '../ports.js';
import type { Writing } from './transactions.js';

/** Counts a call in every view that has a limit, or in none where one is reached. Returns that one. */
export async function countCall(
  { rows }: Writing,
  { day, server, limits }: Parameters<Store['countCall']>[0],
): Promise<CallView | undefined> {
  const counted = CALL_VIEWS.flatMap((view) => {
    const limit = limits[view];
    return limit === undefined ? [] : [{ view, ...limit }];
  });
  const counts: number[] = [];
  for (const { view, name, most } of counted) {
    const row = await rows
      .select('call_counts')
      .select('calls')
      .where('day', '=', day)
      .where('server', '=', server)
      .where('view', '=', view)
      .where('name', '=', name)
      .executeTakeFirst();
    const calls = row?.calls ?? 0;
    if (calls >= most) return view;
    counts.push(calls);
  }
  for (const [index, { view, name }] of counted.entries()) {
    const calls = (counts[index] ?? 0) + 1;
    // The first of a day takes the days before along; a clock that is put back finds what was counted then, or begins anew.
    if (calls === 1) await rows.remove('call_counts').where('day', '<', dayBefore(day)).execute();
    await rows
      .insert('call_counts', { day, server, view, name, calls })
      .onConflict((conflict) => conflict.columns(['tenant', 'day', 'server', 'view', 'name']).doUpdateSet({ calls }))
      .execute();
  }
  return undefined;
}

function dayBefore(day: string): string {
  return new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);
}

const DAY_MS = 86_400_000;
