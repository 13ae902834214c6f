import { sql } from 'kysely';

import type { AuditEntry } from '../model/audit.js';
import { isJsonArray, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { ServerId } from '../model/server-id.js';
import type { Store } from '../ports.js';
import { toAuditEntry } from './audit-entry.js';
import type { Scope } from './scope.js';
import type { AuditRow } from './tables.js';

type Filter = Parameters<Store['searchAudit']>[0];

/** How many entries are read at once where not all of them are about the server that is asked for. */
const ENTRIES_PER_READ = 500;

/** Returns the entries that a filter lets through, newest first. */
export async function searchAudit(rows: Scope, filter: Filter): Promise<readonly AuditEntry[]> {
  const isWanted = filter.server === undefined ? () => true : await isAbout(rows, filter.server);
  const found: AuditEntry[] = [];
  let { before } = filter;
  for (;;) {
    const limit = filter.server === undefined ? filter.limit : ENTRIES_PER_READ;
    const chunk = await matching(rows, filter, before).orderBy('position', 'desc').limit(limit).execute();
    found.push(...chunk.map(toAuditEntry).filter(isWanted));
    before = chunk.at(-1)?.position;
    if (before === undefined || chunk.length < limit || found.length >= filter.limit)
      return found.slice(0, filter.limit);
  }
}

function matching(rows: Scope, { types, text, since, until }: Filter, before: number | undefined) {
  let entries = rows.select('audit_entries').selectAll();
  if (before !== undefined) entries = entries.where('position', '<', before);
  if (types !== undefined) entries = entries.where('type', 'in', types);
  if (since !== undefined) entries = entries.where('at', '>=', since);
  if (until !== undefined) entries = entries.where('at', '<', until);
  if (text === undefined || text === '') return entries;
  // Details are stored as JSON, in which a quotation mark or a line feed is written as an escape.
  const inDetails = JSON.stringify(text).slice(1, -1);
  return entries.where((where) => where.or([contains('actor', text), contains('details', inDetails)]));
}

/** A text from a search field is no pattern: without escapes `%` alone would match every entry. */
function contains(column: keyof AuditRow, text: string) {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`${sql.ref(column)} like ${pattern} escape '\\'`;
}

/** Entries name a server, a reference of it, or a request of it. */
async function isAbout(rows: Scope, server: ServerId): Promise<(entry: AuditEntry) => boolean> {
  const requests = await rows.select('requests').select('id').where('server', '=', server).execute();
  const ids = new Set(requests.map(({ id }) => id));
  return ({ details }) =>
    details !== undefined &&
    (stringMember(details, 'server') === server ||
      ids.has(numberMember(details, 'request')) ||
      refsOf(details).some((ref) => typeof ref === 'string' && ref.startsWith(`${server}/`)));
}

function numberMember(details: JsonObject, name: string): number {
  const member = memberOf(details, name);
  return typeof member === 'number' ? member : Number.NaN;
}

function refsOf(details: JsonObject): readonly JsonValue[] {
  const refs = memberOf(details, 'refs');
  return [memberOf(details, 'ref') ?? null, ...(isJsonArray(refs) ? refs : [])];
}
