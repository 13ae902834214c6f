import type { Context } from 'hono';
import type { z } from 'zod';

import type { Principal } from '../../model/principal.js';
import type { WebEnv } from '../authenticate.js';
import type { Site } from '../site.js';
import { answerError, type Refusal, refuse } from './answer-error.js';
import { readBody, readParams, readQuery, type Reading } from './read-input.js';

/** Who asks, and what the operation works with. */
export interface Call {
  readonly principal: Principal;
  readonly site: Site;
  readonly context: Context<WebEnv>;
}

/** One operation of the API: routing, checking of input and the OpenAPI document all come from it. */
export interface Operation extends Described {
  readonly method: 'get' | 'post';
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodObject | undefined;
  readonly answer: Answer;
  /** Answers a request of somebody who is known. */
  readonly run: (call: Call) => Promise<Response>;
}

/** What a program reads about an operation. */
interface Described {
  /** Below `/api/v1`, with parameters in braces. */
  readonly path: string;
  readonly id: string;
  readonly tag: 'Requests' | 'Servers' | 'Audit' | 'Calls' | 'Deliveries' | 'Overview' | 'Events';
  readonly summary: string;
  readonly description?: string;
  /** Who may do it, as a sentence. */
  readonly role: string;
  /** Besides 400, 401, 429, 500 and 503, which everything may answer. */
  readonly refusals: readonly Refusal[];
}

/** A named schema, or something that is no JSON. */
type Answer = { readonly kind: 'json'; readonly schema: z.ZodType } | { readonly kind: 'file'; readonly type: string };

type Fields<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What an answer may be made of: everything as in the schema, and nothing of it is changed. */
type Unchanging<Value> = Value extends readonly (infer Item)[]
  ? readonly Unchanging<Item>[]
  : Value extends object
    ? { readonly [Member in keyof Value]: Unchanging<Value[Member]> }
    : Value;

interface Input<Params, Query, Body> {
  readonly params: Fields<Params>;
  readonly query: Fields<Query>;
  readonly body: Fields<Body>;
}

interface Parts<Params, Query, Body> {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
}

type MaybeSchema = z.ZodObject | undefined;

/** Returns an operation that answers with JSON. */
export function defineOperation<
  Schema extends z.ZodType,
  Params extends MaybeSchema = undefined,
  Query extends MaybeSchema = undefined,
  Body extends MaybeSchema = undefined,
>(
  operation: Described &
    Parts<Params, Query, Body> & {
      readonly response: Schema;
      readonly handle: (input: Input<Params, Query, Body>, call: Call) => Promise<Unchanging<z.input<Schema>>>;
    },
): Operation {
  const { handle, response } = operation;
  const answer = { kind: 'json', schema: response } as const;
  return assemble(operation, answer, async (input, call) => call.context.json(await handle(input, call)));
}

/** Returns an operation that answers with something else; what it refuses is refused as JSON all the same. */
export function defineFile<Query extends MaybeSchema = undefined>(
  operation: Described & {
    readonly query?: Query;
    readonly type: string;
    readonly handle: (input: Input<undefined, Query, undefined>, call: Call) => Promise<Response>;
  },
): Operation {
  return assemble<undefined, Query, undefined>(operation, { kind: 'file', type: operation.type }, operation.handle);
}

function assemble<Params extends MaybeSchema, Query extends MaybeSchema, Body extends MaybeSchema>(
  operation: Described & Parts<Params, Query, Body>,
  answer: Answer,
  act: (input: Input<Params, Query, Body>, call: Call) => Promise<Response>,
): Operation {
  const { path, id, tag, summary, description, role, refusals, params, query, body } = operation;
  return {
    ...{ path, id, tag, summary, role, refusals, answer, params, query, body },
    ...(description === undefined ? {} : { description }),
    method: body === undefined ? 'get' : 'post',
    run: async (call) => {
      const { context, site } = call;
      try {
        const input = await readInput({ params, query, body }, context);
        return input.kind === 'refused'
          ? refuse(context, input)
          : // The schemas just made exactly this of the request.
            await act(input.value as Input<Params, Query, Body>, call);
      } catch (error) {
        return answerError(context, error, site);
      }
    },
  };
}

async function readInput(
  schemas: { readonly params: MaybeSchema; readonly query: MaybeSchema; readonly body: MaybeSchema },
  context: Context,
): Promise<Reading<unknown>> {
  const params = readParams(schemas.params, context);
  if (params.kind === 'refused') return params;
  const query = readQuery(schemas.query, context);
  if (query.kind === 'refused') return query;
  const body = await readBody(schemas.body, context);
  if (body.kind === 'refused') return body;
  return { kind: 'read', value: { params: params.value, query: query.value, body: body.value } };
}
