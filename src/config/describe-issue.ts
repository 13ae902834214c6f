import type { z } from 'zod';

import { quote } from '../quote.js';
import type { Path, Problem } from './problems.js';
import { nearest } from './nearest.js';
import { configSchema } from './schema.js';

type Issue = z.core.$ZodIssue;

/** Returns what the schema has against a value, in words for the person who wrote the file. Values that may be secret are not repeated. */
export function describeIssue(issue: Issue, root: unknown): readonly Problem[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path));
  if (issue.code === 'invalid_union') {
    // One entry or a list of them: what the writer meant shows by what is there.
    const branch = issue.errors[Array.isArray(valueAt(root, path)) ? 1 : 0] ?? [];
    return branch.flatMap((inner) => describeIssue({ ...inner, path: [...path, ...inner.path] }, root));
  }
  return [{ code: 'CONFIG_INVALID', path, message: sentence(issue, valueAt(root, path)) }];
}

function sentence(issue: Issue, value: unknown): string {
  if (value === undefined)
    return `is missing${issue.code === 'invalid_type' ? `: must be ${typeName(issue.expected)}` : ''}`;
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, value);
    case 'invalid_value':
      return `must be ${oneOf(issue.values)}, is ${typeof value === 'string' ? quote(value, 60) : nameOf(value)}`;
    case 'too_small':
      return issue.origin === 'string'
        ? 'must not be empty'
        : `must be at least ${amount(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `must be at most ${amount(issue.maximum, issue.origin)}`;
    case 'unrecognized_keys':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'custom':
      return issue.message;
  }
}

function wrongType(expected: string, value: unknown): string {
  const isBare = expected === 'string' && (typeof value === 'number' || typeof value === 'boolean');
  return `must be ${typeName(expected)}, is ${nameOf(value)}${isBare ? ': put it in quotes' : ''}`;
}

function unknownKey(key: string, parent: Path): Problem {
  const allowed = allowedKeys(parent);
  const close = HINTS[key] ?? nearest(key, allowed);
  const hint = close === undefined ? '' : `, did you mean ${JSON.stringify(close)}?`;
  const message = `unknown key ${quote(key, 60)}${hint} (allowed: ${allowed.join(', ')})`;
  return { code: 'CONFIG_INVALID', path: [...parent, key], message, at: 'key' };
}

/** Other programs' names for the same thing, which no likeness of letters finds. */
const HINTS: Readonly<Record<string, string>> = {
  mcpServers: 'servers',
  serverUrl: 'url',
  httpUrl: 'url',
  transport: 'type',
  transportType: 'type',
  interval: 'schedule',
  cron: 'schedule',
};

/** The keys that the schema has at a place, read out of the schema itself. */
function allowedKeys(path: Path): readonly string[] {
  const end = path.reduce<unknown>((schema, key) => childOf(unwrap(schema), key), configSchema);
  const options = memberOf(unwrap(end), 'options') as readonly unknown[] | undefined;
  const shape = memberOf(unwrap(options?.[0] ?? end), 'shape');
  return Object.keys(shape ?? {});
}

function childOf(schema: unknown, key: string | number): unknown {
  const shape = memberOf(schema, 'shape');
  if (shape !== undefined) return (shape as Record<string, unknown>)[key];
  const options = memberOf(schema, 'options');
  if (options !== undefined) return childOfUnion(options as readonly unknown[], key);
  return memberOf(schema, 'valueType') ?? memberOf(schema, 'element');
}

/** A union is of one entry and a list of them: an index leads into the list. */
function childOfUnion([entry, list]: readonly unknown[], key: string | number): unknown {
  return typeof key === 'number' ? childOf(list, key) : childOf(unwrap(entry), key);
}

function unwrap(schema: unknown): unknown {
  const inner = memberOf(memberOf(schema, 'def'), 'innerType');
  return inner === undefined ? schema : unwrap(inner);
}

function memberOf(value: unknown, name: string): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const member = (value as Record<string, unknown>)[name];
  return typeof member === 'object' && member !== null ? member : undefined;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    root,
  );
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`;
}

function amount(limit: number | bigint, origin: string): string {
  return origin === 'array' ? `${limit} ${Number(limit) === 1 ? 'entry' : 'entries'}` : String(limit);
}

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
};

function nameOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number';
  return { string: 'text', boolean: 'true or false', object: 'a mapping' }[typeof value as string] ?? typeof value;
}
