import type { CallFilter, CallRecord } from '../model/call.js';
import type { CallDatabase } from './call-database.js';
import { toCallRecord } from './call-entry.js';

type Filter = CallFilter & { readonly before?: number; readonly limit: number };

/** Returns calls that a filter lets through, with what became of them; newest first. */
export function searchCalls(database: CallDatabase, filter: Filter): readonly CallRecord[] {
  const { where, values } = conditions(filter);
  const rows = database
    .prepared(
      `select a.position, a.details as asked, b.details as answered
       from entries a left join entries b on b.call = a.position
       where a.type = 'asked' ${where} order by a.position desc limit ?`,
    )
    .all(...values, filter.limit) as { position: number; asked: string; answered: string | null }[];
  return rows.map(({ position, asked, answered }) => toCallRecord(position, asked, answered));
}

function conditions({ server, subject, decision, text, since, until, before }: Filter): {
  readonly where: string;
  readonly values: readonly (string | number)[];
} {
  const all: readonly (readonly [string, string | number | undefined])[] = [
    ['a.server = ?', server],
    ['a.subject = ?', subject],
    ['a.decision = ?', decision],
    [`instr(lower(a.name || char(10) || json_extract(a.details, '$.parameters')), lower(?)) > 0`, text],
    ['a.at >= ?', since],
    ['a.at < ?', until],
    ['a.position < ?', before],
  ];
  const given = all.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  return { where: given.map(({ sql }) => `and ${sql}`).join(' '), values: given.map(({ value }) => value) };
}
