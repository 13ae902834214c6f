import { z } from 'zod';

import { DEFINITION_KINDS } from '../../model/definition.js';
import { SERVER_STATES } from '../../monitor/servers.js';
import { CHANGE, CONTENTS, FINDING, LINE, REQUEST_STATES, URGENCY } from './request-schemas.js';
import { MOMENT, named, REF, REQUEST_ID, SERVER_ID, VERSION } from './schemas.js';

const SERVER_STATE = z.enum(SERVER_STATES);

const VERDICT = z.enum(['allow', 'hold', 'block']);

const SUMMARY = {
  id: SERVER_ID,
  state: SERVER_STATE,
  lastCheckAt: MOMENT.nullable(),
  outage: z
    .object({ since: MOMENT, failures: z.number().int(), code: z.string(), message: z.string() })
    .nullable()
    .meta({ description: 'It cannot be checked, since when and why.' }),
  isAllOnHold: z
    .boolean()
    .meta({ description: 'It was not checked for longer than it may be: everything is on hold.' }),
  request: REQUEST_ID.nullable().meta({ description: 'The request that is open.' }),
  urgency: URGENCY.nullable(),
  labels: z.record(z.string(), z.string()),
};

const SERVER = named('Server', z.object(SUMMARY));

export const SERVER_LIST = named(
  'ServerList',
  z.object({ servers: z.array(SERVER).meta({ description: 'Worst first.' }) }),
);

const APPROVAL = z.object({
  by: z.string(),
  at: MOMENT,
  request: REQUEST_ID.nullable(),
  endedAt: MOMENT.nullable(),
  endedBy: z.string().nullable(),
  leaf: z.number().int().meta({ description: 'Index of its entry in the audit log.' }),
});

const SEEN = {
  version: VERSION,
  firstSeenAt: MOMENT,
  lastSeenAt: MOMENT,
  times: z.number().int().meta({ description: 'Complete checks that saw it.' }),
  approvals: z.array(APPROVAL),
};

export const VERSION_LIST = named(
  'VersionList',
  z.object({
    ref: REF,
    versions: z
      .array(z.object({ ...SEEN, content: z.string().meta({ description: 'As sent: hostile, not quoted.' }) }))
      .meta({ description: 'Oldest first.' }),
  }),
);

export const SERVER_DETAIL = named(
  'ServerDetail',
  z.object({
    ...SUMMARY,
    counts: z.object({ allow: z.number().int(), hold: z.number().int(), block: z.number().int() }).nullable(),
    checks: z.number().int().meta({ description: 'Complete checks so far.' }),
    provenance: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'As the configuration writes it, secrets left as `${VAR}`.' }),
    posture: z
      .object({
        firstUse: z.enum(['hold', 'trust']),
        schedule: z.union([
          z.object({ kind: z.literal('every'), intervalMs: z.number() }),
          z.object({ kind: z.literal('cron'), expression: z.string(), timeZone: z.string().nullable() }),
        ]),
        maxUncheckedMs: z.number(),
        reviewEveryMs: z.number().nullable(),
        masks: z.array(
          z.object({ kind: z.enum(DEFINITION_KINDS), name: z.string(), pointer: z.string(), pattern: z.string() }),
        ),
      })
      .nullable()
      .meta({ description: 'Null where the configuration does not name it any more.' }),
    definitions: z.array(
      z.object({
        ref: REF,
        kind: z.enum(DEFINITION_KINDS),
        name: z.string(),
        version: VERSION.nullable(),
        verdict: VERDICT.nullable(),
        reasons: z.array(z.object({ code: z.string(), message: z.string() })),
        change: CHANGE.nullable(),
        versions: z.number().int(),
      }),
    ),
    versions: z
      .array(z.object({ ref: REF, ...SEEN }))
      .meta({ description: 'Their texts are under `/definitions/{ref}/versions`.' }),
    requests: z
      .array(z.object({ id: REQUEST_ID, state: z.enum(REQUEST_STATES), urgency: URGENCY, openedAt: MOMENT }))
      .meta({ description: 'Newest first.' }),
    waivers: z.array(
      z.object({ rule: z.string(), ref: REF, version: VERSION, reason: z.string(), by: z.string(), expiresAt: MOMENT }),
    ),
  }),
);

export const COMPARISON = named(
  'Comparison',
  z.object({
    ref: REF,
    from: VERSION,
    to: VERSION,
    changes: z.array(CHANGE).meta({ description: 'What a change from one to the other would mean.' }),
    findings: z.array(FINDING).meta({ description: 'In the second version.' }),
    lines: z.array(LINE),
    contents: CONTENTS,
  }),
);
