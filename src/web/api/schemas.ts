import { z } from 'zod';

import { ROLES } from '../../model/principal.js';

/** Schemas by the name under which the OpenAPI document refers to them. */
export const COMPONENTS = z.registry<{ readonly id: string }>();

/** Returns the schema, from now on known by a name. */
export function named<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  COMPONENTS.add(schema, { id });
  return schema;
}

export const REQUEST_ID = z
  .number()
  .int()
  .meta({ description: 'Number of a change request.', examples: [12] });
export const MOMENT = z.string().meta({ format: 'date-time', examples: ['2026-11-22T09:30:00.000Z'] });
export const SERVER_ID = z.string().meta({ examples: ['github'] });
export const REF = z.string().meta({
  description: 'A definition: `server/kind/percent-encoded-name`.',
  examples: ['github/tool/create_issue'],
});
export const VERSION = z.string().meta({
  description: 'Exactly one version of one definition.',
  examples: ['v1:sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
});
export const DIGEST = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .meta({
    description:
      'What a request asks for, what it means and what was found, exactly: a decision names the digest that was read.',
    examples: ['sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae'],
  });

/** Of every answer that is no success. */
export const ERROR = named(
  'Error',
  z.object({
    error: z.object({
      code: z.string().meta({ description: 'Never renamed.', examples: ['APPROVAL_STALE'] }),
      message: z.string().meta({ description: 'For people; texts from servers are quoted in it.' }),
      path: z
        .string()
        .optional()
        .meta({
          description: 'Where in the input the mistake is: a JSON Pointer below `query` or `body`.',
          examples: ['body/items/0/digest'],
        }),
    }),
  }),
);

export const ME = named(
  'Me',
  z.object({
    id: z.string().meta({ examples: ['api-token:deploy'] }),
    name: z.string().meta({ examples: ['deploy'] }),
    how: z.enum(['oidc', 'browser', 'api-token', 'console']),
    grants: z.array(
      z.object({ role: z.enum(ROLES), servers: z.array(z.string()).meta({ examples: [['payments-*']] }) }),
    ),
  }),
);

/** Returns a field of a query that holds a whole number. */
export function whole(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));
}

/** Returns a field of a query that may be given several times. */
export function several<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.preprocess(
    (given) => (typeof given === 'string' ? [given] : given),
    z.array(z.enum(values)).max(values.length),
  );
}
