import { z } from 'zod';

import type { ErrorStatus } from './answer-error.js';
import type { Operation } from './operation.js';
import { COMPONENTS, ERROR } from './schemas.js';

type Json = Readonly<Record<string, unknown>>;

/** Returns the OpenAPI 3.1 document of operations, made from the schemas that their input is checked by. */
export function openApiDocument(operations: readonly Operation[], server: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sealwatch',
      version: '1',
      summary: 'Change requests, servers and the audit log of Sealwatch.',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: server }],
    security: [{ token: [] }, { session: [] }],
    paths: pathsOf(operations),
    components: {
      schemas: componentSchemas(),
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [`Refused${status}`, refusal(description)]),
      ),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const DESCRIPTION = [
  'Texts of servers are data here: they stand as they were sent, hidden characters and all, and have to be quoted where they are shown.',
  'Members may be added to answers; those that are there keep their names and meaning.',
].join(' ');

const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'From `sealwatch token add`: `swt_…`. No cookie beside it.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'sealwatch',
    description:
      'Of a browser that is signed in; `__Host-sealwatch` over https. What changes something has to come from our own origin.',
  },
};

const REFUSALS: Readonly<Record<ErrorStatus, string>> = {
  400: 'The input is not as described here; nothing was done.',
  401: 'Nobody is signed in, or the token is nobody’s.',
  403: 'Not for you to do, or not from our own page.',
  404: 'There is no such thing, or not for you to see.',
  409: 'It is not what you read any more, or settled already.',
  413: 'The body is larger than 128 KB.',
  415: 'The body is not application/json.',
  429: 'Too many at once; `Retry-After` says when.',
  500: 'It failed inside.',
  503: 'The store is busy; `Retry-After` says when.',
};

const ALWAYS: readonly ErrorStatus[] = [400, 401, 429, 500, 503];

function pathsOf(operations: readonly Operation[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return paths;
}

function describe(operation: Operation): Json {
  const { id, tag, summary, description, role, params, query, body, refusals } = operation;
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')];
  const statuses = [...new Set([...ALWAYS, ...refusals])].sort((a, b) => a - b);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [...(description === undefined ? [] : [description]), `Role: ${role}.`].join('\n\n'),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: {
      200: { description: 'Done.', content: contentOf(operation) },
      ...Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/Refused${status}` }])),
    },
  };
}

function contentOf({ answer }: Operation): Json {
  switch (answer.kind) {
    case 'json':
      return json(answer.schema);
    case 'file':
      return { [answer.type]: { schema: { type: 'string' } } };
  }
}

function json(schema: z.ZodType): Json {
  return { 'application/json': { schema: { $ref: referenceTo(COMPONENTS.get(schema)?.id ?? 'Error') } } };
}

function refusal(description: string): Json {
  return { description, content: json(ERROR) };
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): readonly Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    // A field that may be missing says so by what it makes of nothing, whether it is optional or has a default.
    const type = field as z.ZodType;
    const { ['description']: description, ...rest } = withoutDialect(z.toJSONSchema(type, { target: 'draft-2020-12' }));
    return {
      name,
      in: place,
      required: !type.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(COMPONENTS, { target: 'draft-2020-12', uri: referenceTo, override: openAnswers });
  return Object.fromEntries(
    Object.entries(schemas)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, schema]) => [name, withoutDialect(schema)]),
  );
}

/** What is answered may get more members; what is asked may not, and its schema says so itself. */
function openAnswers(made: {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const { def } = made.zodSchema._zod;
  const isStrict = 'catchall' in def && def.catchall !== undefined;
  if (def.type === 'object' && !isStrict) delete made.jsonSchema.additionalProperties;
}

function withoutDialect(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '$id'));
}

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`;
}
