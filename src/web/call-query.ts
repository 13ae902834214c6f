import { z } from 'zod';

import { CALL_DECISIONS, type CallFilter } from '../model/call.js';
import { parseServerId } from '../model/server-id.js';
import { DAY, dayFilter, SERVER } from './audit-query.js';

const FIELDS = z.object({
  text: z.string().max(200).default(''),
  server: SERVER,
  subject: z.string().max(200).default(''),
  decision: z.union([z.literal(''), z.enum(CALL_DECISIONS)]).default(''),
  from: DAY,
  to: DAY,
});

/** The fields of the form, as they are written into it again. */
export type CallFields = z.infer<typeof FIELDS>;

/** Returns what an address of the log of calls asks for; `undefined` where it says something that cannot be understood. */
export function parseCallQuery(
  query: Readonly<Record<string, string>>,
): { readonly fields: CallFields; readonly filter: CallFilter } | undefined {
  const parsed = FIELDS.safeParse(query);
  if (!parsed.success) return undefined;
  const fields = parsed.data;
  const { text, server, subject, decision, from, to } = fields;
  return {
    fields,
    filter: {
      ...(text.trim() === '' ? {} : { text: text.trim() }),
      ...(server === '' ? {} : { server: parseServerId(server) }),
      ...(subject.trim() === '' ? {} : { subject: subject.trim() }),
      ...(decision === '' ? {} : { decision }),
      ...dayFilter(from, to),
    },
  };
}
