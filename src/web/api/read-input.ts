import type { Context } from 'hono';
import { z } from 'zod';

import { pointerTo } from '../../model/pointer.js';
import { makeVisible, quote } from '../../quote.js';

/** Input that was understood, or why it was refused. */
export type Reading<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | {
      readonly kind: 'refused';
      readonly status: 400 | 404 | 415;
      readonly code: 'REQUEST_INVALID' | 'NOT_FOUND' | 'CONTENT_TYPE_REFUSED';
      readonly message: string;
      /** JSON Pointer to the mistake, below `query` or `body`. */
      readonly path?: string;
    };

/** Returns the parameters of the path. What cannot be one names nothing, so that it is no better known than what there is not. */
export function readParams(schema: z.ZodObject | undefined, context: Context): Reading<unknown> {
  if (schema === undefined) return { kind: 'read', value: undefined };
  const parsed = schema.safeParse(context.req.param());
  if (parsed.success) return { kind: 'read', value: parsed.data };
  return { kind: 'refused', status: 404, code: 'NOT_FOUND', message: 'there is nothing under this address' };
}

/** Returns the query. One field given twice is two texts, which only a list takes: nobody guesses which of them was meant. */
export function readQuery(schema: z.ZodObject | undefined, context: Context): Reading<unknown> {
  const given = Object.entries(context.req.queries()).map(([name, values]) => [
    name,
    values.length === 1 ? values[0] : values,
  ]);
  // A field that nothing reads was meant to do something: a filter that is misspelt would show everything.
  return parse(schema ?? z.strictObject({}), Object.fromEntries(given), 'query');
}

/**
 * Returns the body of a request that changes something. Attack: a form on a foreign page can send every content type that needs no
 * permission (Fetch, CORS-safelisted), and JSON is none of them; the origin is checked besides.
 */
export async function readBody(schema: z.ZodObject | undefined, context: Context): Promise<Reading<unknown>> {
  if (schema === undefined) return { kind: 'read', value: undefined };
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json *(; *charset=utf-8 *)?$/i.test(type)) {
    const message = 'the body has to be application/json in UTF-8, and the header Content-Type has to say so';
    return { kind: 'refused', status: 415, code: 'CONTENT_TYPE_REFUSED', message };
  }
  const bytes = await context.req.arrayBuffer();
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Where in the text it breaks off is known, but the parser's message repeats the text.
    return invalid('the body is not JSON in UTF-8', 'body');
  }
  return parse(schema, value, 'body');
}

function parse(schema: z.ZodObject, value: unknown, part: 'query' | 'body'): Reading<unknown> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'read', value: parsed.data };
  const [issue] = parsed.error.issues;
  return issue === undefined ? invalid('it cannot be understood', part) : describe(issue, part);
}

function describe(issue: z.core.$ZodIssue, part: string): Reading<never> {
  const path = makeVisible(issue.path.reduce<string>((parent, step) => pointerTo(parent, String(step)), part));
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return invalid(`unknown member ${quote(key, 60)}`, path);
  }
  // Zod's messages say what was expected, and never what was given.
  return invalid(makeVisible(issue.message), path);
}

function invalid(message: string, path: string): Reading<never> {
  return { kind: 'refused', status: 400, code: 'REQUEST_INVALID', message, path };
}
