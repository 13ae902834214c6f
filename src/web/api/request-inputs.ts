import { z } from 'zod';

import { DIGEST, named, REF, REQUEST_ID, several, whole } from './schemas.js';
import { REQUEST_STATES } from './request-schemas.js';

/** As long as a comment may be. */
const TEXT = z.string().trim().min(1).max(2_000);
const DECISION = z.enum(['approve', 'reject']);
const ID = REQUEST_ID.min(1);

const SOME_DIGEST = 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';

/** Together they stay below the limit of a body. */
const MAX_ITEMS = 500;
const MAX_REFS = 500;
const MAX_REQUESTS = 100;

export const ID_PARAMS = z.strictObject({ id: whole(1, Number.MAX_SAFE_INTEGER).meta({ examples: [12] }) });

export const LIST_QUERY = z.strictObject({
  state: several(REQUEST_STATES).optional().meta({ description: 'Only in these states.' }),
  server: z.string().max(63).optional().meta({ description: 'Only of this server.' }),
  cursor: whole(1, Number.MAX_SAFE_INTEGER).optional().meta({ description: 'From an answer before.' }),
  limit: whole(1, MAX_REQUESTS).default(50),
});

export const DECISION_BODY = named(
  'Decision',
  z
    .strictObject({
      digest: DIGEST,
      decision: DECISION,
      comment: TEXT.optional(),
      only: z
        .array(REF.max(10_000))
        .min(1)
        .max(MAX_REFS)
        .optional()
        .meta({ description: 'Approves only these; the rest is asked for anew.' }),
    })
    .meta({ examples: [{ digest: SOME_DIGEST, decision: 'approve', comment: 'Agreed with the team of the server.' }] }),
);

export const DECISIONS_BODY = named(
  'Decisions',
  z
    .strictObject({
      items: z
        .array(z.strictObject({ request: ID, digest: DIGEST }))
        .min(1)
        .max(MAX_ITEMS),
      decision: DECISION,
      comment: TEXT.optional(),
    })
    .meta({ examples: [{ items: [{ request: 12, digest: SOME_DIGEST }], decision: 'approve' }] }),
);

export const WAIVER_BODY = named(
  'Waiver',
  z
    .strictObject({
      ref: REF.max(10_000),
      rule: z.string().min(1).max(200),
      reason: TEXT,
      expiresAt: z.iso.datetime().meta({ description: 'In the future, and within a year.' }),
    })
    .meta({
      examples: [
        {
          ref: 'github/tool/create_issue',
          rule: 'instruction-override',
          reason: 'The sentence quotes its own documentation.',
          expiresAt: '2027-01-31T00:00:00.000Z',
        },
      ],
    }),
);

export const COMMENT_BODY = named(
  'NewComment',
  z.strictObject({ text: TEXT }).meta({ examples: [{ text: 'Asked the team of the server.' }] }),
);

export const EMPTY_BODY = named('Empty', z.strictObject({}).meta({ examples: [{}] }));
