import { Ajv2020 } from 'ajv/dist/2020.js';

import type { Grant, Role } from '../../src/model/principal.js';
import { addApiToken } from '../../src/monitor/api-token.js';
import type { MonitorDeps } from '../../src/monitor/deps.js';
import type { Answer } from './start-site.js';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Answer['headers'];
  readonly text: string;
  readonly json: Record<string, unknown>;
}

type Ask = (path: string, headers: Record<string, string>) => Promise<Answer>;
type Send = (path: string, body: string, headers: Record<string, string | undefined>) => Promise<Answer>;

/** Returns the headers of a program with a new token. */
export async function tokenOf(
  deps: MonitorDeps,
  name: string,
  role: Role = 'admin',
  servers: readonly string[] = ['*'],
): Promise<{ readonly authorization: string }> {
  const grants: readonly Grant[] = [{ role, servers }];
  const { token } = await addApiToken({ name, grants, lifetimeMs: 3_600_000 }, 'setup', deps);
  return { authorization: `Bearer ${token}` };
}

/** Asks below `/api/v1`. */
export async function ask(
  site: { readonly get: Ask },
  path: string,
  headers: Record<string, string>,
): Promise<ApiAnswer> {
  return withJson(await site.get(`/api/v1${path}`, headers));
}

/** Sends JSON as a program does: without an origin. */
export async function send(
  site: { readonly post: Send },
  path: string,
  body: unknown,
  headers: Record<string, string | undefined>,
): Promise<ApiAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = { origin: undefined, 'content-type': 'application/json', ...headers };
  return withJson(await site.post(`/api/v1${path}`, text, all));
}

function withJson(answer: Answer): ApiAnswer {
  const isJson = /^application\/json(;|$)/.test(String(answer.headers['content-type']));
  return { ...answer, json: (isJson ? JSON.parse(answer.text) : {}) as Record<string, unknown> };
}

/** The OpenAPI document as far as tests read it. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/**
 * Returns what says how a value breaks a schema of the document; nothing where it does not. A member that the document does not name
 * counts as a mistake here, though clients have to bear it.
 */
export function schemaChecker(document: ApiDocument): (name: string, value: unknown) => readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'doc', components: closed(document.components) });
  return (name, value) => {
    const validate = ajv.getSchema(`doc#/components/schemas/${name}`);
    if (validate === undefined) throw new Error(`no schema ${name}`);
    return validate(value) === true
      ? []
      : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message ?? ''}`);
  };
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return inner['type'] === 'object' && 'properties' in inner ? { additionalProperties: false, ...inner } : inner;
}
