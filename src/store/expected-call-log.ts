import type { Store } from '../ports.js';
import type { Reading, Writing } from './transactions.js';

type Note = Parameters<Store['noteCallLog']>[0];

const TYPES: readonly Note['type'][] = ['call-log-began', 'call-log-given-up'];

/** Returns whether the audit log says that there is a log of calls. @throws {SealwatchError} `AUDIT_BROKEN` */
export async function expectsCallLog({ rows, log }: Reading): Promise<boolean> {
  await log.catchUp(rows);
  const entries = rows.select('audit_entries').select('type').where('type', 'in', TYPES);
  const last = await entries.orderBy('position', 'desc').limit(1).executeTakeFirst();
  return last?.type === 'call-log-began';
}

/** Writes that there is one, or that there is none any more, where that is new. Returns whether it is. */
export async function noteCallLog(writing: Writing, { type, actor, at }: Note): Promise<boolean> {
  if ((await expectsCallLog(writing)) === (type === 'call-log-began')) return false;
  await writing.append({ type, at, actor, details: {} });
  return true;
}
