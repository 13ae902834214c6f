import { z } from 'zod';

import { CALL_DECISIONS, type CallFilter } from '../../model/call.js';
import { parseServerId } from '../../model/server-id.js';
import { readCalls } from '../../monitor/calls.js';
import { callJson } from '../../render/call-json.js';
import { exact } from './audit-operations.js';
import { defineOperation, type Operation } from './operation.js';
import { MOMENT, named, SERVER_ID, whole } from './schemas.js';

const MAX_CALLS = 1_000;

const CALL_LIST = named(
  'CallList',
  z.object({
    calls: z
      .array(
        z.object({
          index: z.number().int(),
          at: MOMENT,
          server: z.string(),
          subject: z.string(),
          client: z.string().nullable(),
          kind: z.enum(['tool', 'prompt', 'resource', 'resource-template', 'malformed']),
          name: z.string(),
          version: z.string().nullable().meta({ description: 'The approved version that it was held to.' }),
          decision: z.enum(CALL_DECISIONS),
          code: z.string().nullable().meta({ description: 'Why it was refused.' }),
          parameters: z.unknown().meta({ description: 'Without what is kept secret.' }),
          answer: z
            .object({
              at: MOMENT,
              outcome: z.enum(['result', 'error', 'withheld', 'cancelled', 'failed']),
              code: z.string().nullable(),
              durationMs: z.number(),
              bytes: z.number().int().nullable(),
              digest: z.string().nullable().meta({ description: 'SHA-256, hex, of the result as the server sent it.' }),
            })
            .nullable()
            .meta({ description: 'Null where it was refused, is still going on, or its process ended.' }),
        }),
      )
      .meta({ description: 'Newest first.' }),
    before: z.number().int().nullable().meta({ description: 'For the next part; null after the last one.' }),
  }),
);

const QUERY = z.strictObject({
  text: z.string().min(1).max(200).optional().meta({ description: 'In the name or the parameters, as it is.' }),
  server: SERVER_ID.max(63).optional(),
  subject: z.string().min(1).max(200).optional(),
  decision: z.enum(CALL_DECISIONS).optional(),
  since: z.iso.datetime().optional().meta({ description: 'At or after this moment.' }),
  until: z.iso.datetime().optional().meta({ description: 'Before this moment.' }),
  before: whole(0, Number.MAX_SAFE_INTEGER).optional().meta({ description: 'From an answer before.' }),
  limit: whole(1, MAX_CALLS).default(100),
});

const read = defineOperation({
  path: '/calls',
  id: 'readCalls',
  tag: 'Calls',
  summary: 'Read what clients called through the gateway, newest first',
  role: 'approver of every server',
  refusals: [403],
  query: QUERY,
  response: CALL_LIST,
  handle: async ({ query }, { principal, site }) => {
    const { text, server, subject, decision, since, until, before, limit } = query;
    const filter: CallFilter = {
      ...(text === undefined ? {} : { text }),
      ...(server === undefined ? {} : { server: parseServerId(server) }),
      ...(subject === undefined ? {} : { subject }),
      ...(decision === undefined ? {} : { decision }),
      ...(since === undefined ? {} : { since: exact(since) }),
      ...(until === undefined ? {} : { until: exact(until) }),
    };
    const place = before === undefined ? {} : { before };
    // One more than is answered tells whether there is another part.
    const found = await readCalls(principal, { ...filter, ...place, limit: limit + 1 }, site.deps.callLog);
    const calls = found.slice(0, limit).map(callJson);
    return { calls, before: found.length > limit ? (calls.at(-1)?.index ?? null) : null };
  },
});

export const CALL_OPERATIONS: readonly Operation[] = [read];
