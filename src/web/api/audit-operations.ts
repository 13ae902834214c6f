import { z } from 'zod';

import { AUDIT_TYPES } from '../../model/audit.js';
import { type AuditFilter, exportAudit, readAudit } from '../../monitor/audit-export.js';
import { defineFile, defineOperation, type Operation } from './operation.js';
import { MOMENT, named, SERVER_ID, several, whole } from './schemas.js';
import { visibleServer } from './visible-server.js';

const MAX_ENTRIES = 1_000;

const EVERYTHING = 'viewer of every server';

const AUDIT_LIST = named(
  'AuditList',
  z.object({
    entries: z
      .array(
        z.object({
          index: z.number().int(),
          at: MOMENT,
          type: z.enum(AUDIT_TYPES),
          actor: z.string(),
          details: z
            .record(z.string(), z.unknown())
            .nullable()
            .meta({ description: 'Null where the content was erased: its digest is still in the log.' }),
        }),
      )
      .meta({ description: 'Newest first.' }),
    before: z.number().int().nullable().meta({ description: 'For the next part; null after the last one.' }),
  }),
);

const QUERY = z.strictObject({
  type: several(AUDIT_TYPES).optional(),
  text: z.string().min(1).max(200).optional().meta({ description: 'In actor or details, as it is.' }),
  server: SERVER_ID.max(63).optional(),
  since: z.iso.datetime().optional().meta({ description: 'At or after this moment.' }),
  until: z.iso.datetime().optional().meta({ description: 'Before this moment.' }),
  before: whole(0, Number.MAX_SAFE_INTEGER).optional().meta({ description: 'From an answer before.' }),
  limit: whole(1, MAX_ENTRIES).default(100),
});

const read = defineOperation({
  path: '/audit',
  id: 'readAudit',
  tag: 'Audit',
  summary: 'Read the audit log, newest first',
  role: EVERYTHING,
  refusals: [403],
  query: QUERY,
  response: AUDIT_LIST,
  handle: async ({ query }, { principal, site }) => {
    const { type, text, server, since, until, before, limit } = query;
    const id = server === undefined ? undefined : await visibleServer(principal, server, site);
    const filter: AuditFilter = {
      ...(type === undefined ? {} : { types: type }),
      ...(text === undefined ? {} : { text }),
      ...(id === undefined ? {} : { server: id }),
      ...(since === undefined ? {} : { since: exact(since) }),
      ...(until === undefined ? {} : { until: exact(until) }),
    };
    // One more than is answered tells whether there is another part. Asked also for a server that there is not: it says who may ask.
    const place = before === undefined ? {} : { before };
    const found = await readAudit(principal, { ...filter, ...place, limit: limit + 1 }, site.deps);
    if (server !== undefined && id === undefined) return { entries: [], before: null };
    const entries = found.slice(0, limit).map((entry) => ({ ...entry, details: entry.details ?? null }));
    return { entries, before: found.length > limit ? (entries.at(-1)?.index ?? null) : null };
  },
});

const proof = defineFile({
  path: '/audit/proof',
  id: 'getAuditProof',
  tag: 'Audit',
  summary: 'Take the whole audit log away, with what `sealwatch audit verify --proof` checks it by',
  role: EVERYTHING,
  refusals: [403],
  type: 'application/jsonl',
  handle: async (_, { principal, site, context }) => {
    const text = await exportAudit(principal, site.deps);
    return context.body(text, 200, {
      'Content-Type': 'application/jsonl; charset=utf-8',
      'Content-Disposition': 'attachment; filename="sealwatch-audit-proof.jsonl"',
    });
  },
});

export const AUDIT_OPERATIONS: readonly Operation[] = [read, proof];

/** Logs are compared as text, with three digits of a second: `10:00:00Z` would come after `10:00:00.500Z` there. */
export function exact(moment: string): string {
  return new Date(moment).toISOString();
}
