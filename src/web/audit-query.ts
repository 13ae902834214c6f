import { z } from 'zod';

import { AUDIT_TYPES, type AuditType } from '../model/audit.js';
import { parseServerId } from '../model/server-id.js';
import type { AuditFilter } from '../monitor/audit-export.js';

/** The fields of the form, as they are written into it again. */
export type AuditFields = z.infer<typeof FIELDS>;

/** A day of the form, or none. */
export const DAY = z.union([z.literal(''), z.iso.date()]).default('');

/** A server of the form, or any. */
export const SERVER = z
  .string()
  .regex(/^([a-z0-9][a-z0-9-]{0,62})?$/)
  .default('');

const FIELDS = z.object({
  type: z.union([z.literal(''), z.enum(AUDIT_TYPES)]).default(''),
  text: z.string().max(200).default(''),
  server: SERVER,
  from: DAY,
  to: DAY,
});

const DAY_MS = 86_400_000;

/** What an address of the audit log asks for; `undefined` where it says something that cannot be understood. */
export interface AuditQuery {
  readonly fields: AuditFields;
  readonly filter: AuditFilter;
}

/** Returns what an address of the audit log asks for. An empty field lets everything through. */
export function parseAuditQuery(query: Readonly<Record<string, string>>): AuditQuery | undefined {
  const parsed = FIELDS.safeParse(query);
  if (!parsed.success) return undefined;
  const fields = parsed.data;
  const { type, text, server, from, to } = fields;
  const types: readonly AuditType[] = type === '' ? [] : [type];
  return {
    fields,
    filter: {
      ...(types.length === 0 ? {} : { types }),
      ...(text.trim() === '' ? {} : { text: text.trim() }),
      ...(server === '' ? {} : { server: parseServerId(server) }),
      ...dayFilter(from, to),
    },
  };
}

/** Returns the moments that two days of the form stand for; the last day counts whole, up to the moment that the next one begins. */
export function dayFilter(from: string, to: string): { readonly since?: string; readonly until?: string } {
  return {
    ...(from === '' ? {} : { since: `${from}T00:00:00.000Z` }),
    ...(to === '' ? {} : { until: new Date(Date.parse(`${to}T00:00:00.000Z`) + DAY_MS).toISOString() }),
  };
}

/** Returns the query that asks for this, to be put after a path. */
export function searchOf(
  fields: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): string {
  const given = Object.entries({ ...fields, ...more }).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
