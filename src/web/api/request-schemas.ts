import { z } from 'zod';

import { CHANGE_CLASSES, URGENCIES } from '../../model/drift.js';
import { SEVERITIES } from '../../model/finding.js';
import { DIGEST, MOMENT, named, REF, REQUEST_ID, SERVER_ID, VERSION } from './schemas.js';

export const REQUEST_STATES = ['open', 'approved', 'rejected', 'superseded', 'withdrawn'] as const;

export const URGENCY = z.enum(URGENCIES);

export const FINDING = named(
  'Finding',
  z.object({
    rule: z.string(),
    ref: REF,
    version: VERSION,
    pointer: z.string().meta({ description: 'JSON Pointer into the definition.', examples: ['/description'] }),
    severity: z.enum(SEVERITIES),
    confidence: z.enum(['low', 'medium', 'high']),
    message: z.string(),
    excerpt: z.string().meta({ description: 'Text of the server as sent: hostile, not quoted.' }),
    blocks: z.boolean().meta({ description: 'Cannot be approved without a waiver.' }),
    remediation: z.string(),
  }),
);

export const CHANGE = named(
  'Change',
  z.object({
    ref: REF,
    kind: z.enum(['added', 'removed', 'changed', 'renamed', 'reprovenanced']),
    class: z.enum(CHANGE_CLASSES),
    urgency: URGENCY,
    because: z.string(),
    before: VERSION.nullable(),
    after: VERSION.nullable(),
    renamedFrom: REF.nullable(),
    edits: z
      .array(z.object({ pointer: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }))
      .meta({
        description:
          'Where the versions differ, with texts of the server as sent. `before` is absent where something was added, `after` where it was removed.',
      }),
  }),
);

export const REQUEST = named(
  'Request',
  z.object({
    id: REQUEST_ID,
    server: SERVER_ID,
    state: z.enum(REQUEST_STATES),
    urgency: URGENCY,
    digest: DIGEST,
    flapping: z.boolean(),
    openedAt: MOMENT,
    settledAt: MOMENT.nullable(),
    settledBy: z
      .string()
      .nullable()
      .meta({ examples: ['alice (oidc)'] }),
    comment: z.string().nullable(),
    supersededBy: REQUEST_ID.nullable(),
    review: z.array(REF).meta({ description: 'Approvals that did not change and are due to be looked at again.' }),
    endorsements: z
      .array(z.object({ by: z.string(), at: MOMENT }))
      .meta({ description: 'Who approved while a second person is still needed.' }),
    changes: z.array(CHANGE),
    findings: z.array(FINDING),
    severities: z
      .array(z.object({ ref: REF, severity: z.enum(SEVERITIES) }))
      .meta({ description: 'How severe the findings of each definition are together.' }),
  }),
);

export const REQUEST_LIST = named(
  'RequestList',
  z.object({
    requests: z.array(REQUEST).meta({ description: 'Newest first.' }),
    cursor: z
      .string()
      .nullable()
      .meta({ description: 'For the next part; null after the last one.', examples: ['12'] }),
  }),
);

export const LINE = named(
  'Line',
  z.object({
    kind: z.enum(['title', 'text', 'context', 'added', 'removed', 'finding', 'note', 'blank']),
    text: z.string().meta({ description: 'Safe to show: hidden characters are visible, secrets masked.' }),
    urgency: URGENCY.optional(),
  }),
);

export const CONTENTS = z.record(z.string(), z.string()).meta({
  description:
    'Every version that is named, as canonical JSON (RFC 8785), or as sent where it is malformed: hostile, not quoted.',
});

const COMMENT = z.object({ by: z.string(), at: MOMENT, text: z.string() });

export const COMMENT_LIST = named(
  'CommentList',
  z.object({ comments: z.array(COMMENT).meta({ description: 'Oldest first.' }) }),
);

export const REQUEST_DETAIL = named(
  'RequestDetail',
  z.object({
    request: REQUEST,
    lines: z.array(LINE).meta({ description: 'The whole difference, as an approver reads it.' }),
    contents: CONTENTS,
    comments: z.array(COMMENT),
    newer: REQUEST_ID.nullable().meta({ description: 'What is asked now, where this one is not open any more.' }),
    replaces: z.array(REQUEST_ID),
    personsNeeded: z.union([z.literal(1), z.literal(2)]),
    mayDecide: z.boolean(),
    mayComment: z.boolean(),
    mayWaive: z.boolean(),
    isEndorsedByReader: z.boolean(),
  }),
);

export const OUTCOME_LIST = named(
  'OutcomeList',
  z.object({
    outcomes: z.array(
      z.object({
        request: REQUEST_ID,
        settled: REQUEST.nullable().meta({ description: 'As it is now; null where it was refused.' }),
        error: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
  }),
);

export const WAIVED = named(
  'Waived',
  z.object({ open: REQUEST.nullable().meta({ description: 'What is asked of the server now.' }) }),
);
