import { describe, expect, test } from 'vitest';

import type { JsonValue } from '../../src/model/json.js';
import { compareSchemas } from '../../src/policy/compare-schemas.js';

type Direction = 'widened' | 'narrowed' | 'unclear';

function directions(before: JsonValue, after: JsonValue, of: 'input' | 'output' = 'input'): readonly Direction[] {
  const found = new Set(compareSchemas(before, after, { pointer: '', of }).map(({ direction }) => direction));
  return (['unclear', 'widened', 'narrowed'] as const).filter((direction) => found.has(direction));
}

const either = (...branches: JsonValue[]): JsonValue => ({ anyOf: branches });
const A = { type: 'object', properties: { a: {} } };
const B = { type: 'array' };

describe('from the narrow to the wide schema is widened, and back is narrowed', () => {
  test.each<[string, JsonValue, JsonValue]>([
    ['type by another one', { type: 'string' }, { type: ['string', 'null'] }],
    ['type from integer to number', { type: 'integer' }, { type: 'number' }],
    ['type dropped', { type: 'string' }, {}],
    ['enum', { enum: ['a'] }, { enum: ['a', 'b'] }],
    ['enum of words that are types elsewhere', { enum: ['number'] }, { enum: ['number', 'integer'] }],
    ['enum dropped', { enum: ['a'] }, {}],
    ['const to an enum with it', { const: 'a' }, { enum: ['a', 'b'] }],
    ['const dropped', { const: null }, {}],
    ['minimum', { minimum: 2 }, { minimum: 1 }],
    ['maximum', { maximum: 1 }, { maximum: 2 }],
    ['exclusiveMinimum', { exclusiveMinimum: 2 }, { exclusiveMinimum: 1 }],
    ['exclusiveMaximum', { exclusiveMaximum: 1 }, { exclusiveMaximum: 2 }],
    ['minLength', { minLength: 2 }, { minLength: 1 }],
    ['minLength dropped', { minLength: 2 }, {}],
    ['maxLength', { maxLength: 1 }, { maxLength: 2 }],
    ['minItems', { minItems: 2 }, { minItems: 1 }],
    ['maxItems', { maxItems: 1 }, { maxItems: 2 }],
    ['maxProperties dropped', { maxProperties: 1 }, {}],
    ['pattern dropped', { pattern: 'a' }, {}],
    ['format dropped', { format: 'date' }, {}],
    ['multipleOf dropped', { multipleOf: 2 }, {}],
    ['uniqueItems', { uniqueItems: true }, { uniqueItems: false }],
    ['nullable', { nullable: false }, { nullable: true }],
    ['additionalProperties', { additionalProperties: false }, { additionalProperties: true }],
    ['additionalProperties of a type', { additionalProperties: { type: 'string' } }, {}],
    ['items', { items: { type: 'string' } }, { items: {} }],
    ['a parameter', { properties: { a: {} } }, { properties: { a: {}, b: {} } }],
    ['a parameter named like a keyword', { properties: {} }, { properties: { title: { type: 'string' } } }],
    ['anyOf', either(A), either(A, B)],
    ['anyOf, with one in front', either(B), either({ type: 'null' }, B)],
    ['oneOf of titled constants', { oneOf: [{ const: 1 }] }, { oneOf: [{ const: 1 }, { const: 2 }] }],
    ['allOf', { allOf: [B, { maxItems: 3 }] }, { allOf: [B] }],
    ['not', { not: B }, {}],
    ['inside not', { not: { maxItems: 9 } }, { not: { maxItems: 3 } }],
    ['behind a reference', { $ref: '#/$defs/a', $defs: { a: { maxItems: 1 } } }, { maxItems: 2 }],
    ['in a branch that is a reference', refBranch(1), refBranch(2)],
  ])('%s', (_, narrow, wide) => {
    expect(directions(narrow, wide)).toEqual(['widened']);
    expect(directions(wide, narrow)).toEqual(['narrowed']);
  });
});

function refBranch(maxItems: number): JsonValue {
  return { anyOf: [{ type: 'null' }, { $ref: '#/$defs/list' }], $defs: { list: { maxItems } } };
}

describe('the same in another form is no difference', () => {
  test.each<[string, JsonValue, JsonValue]>([
    ['a type in a list', { type: 'string' }, { type: ['string'] }],
    ['types in another order', { type: ['string', 'null'] }, { type: ['null', 'string'] }],
    ['integer beside number', { type: ['number', 'integer'] }, { type: 'number' }],
    ['const and an enum of one', { const: 'a' }, { enum: ['a'] }],
    ['required in another order', { required: ['a', 'b'] }, { required: ['b', 'a'] }],
    ['a bound that bounds nothing', {}, { minLength: 0 }],
    ['a switch that is off', {}, { uniqueItems: false }],
    ['everything', { additionalProperties: true }, { additionalProperties: {} }],
    ['moved into $defs', { items: B }, { items: { $ref: '#/$defs/b' }, $defs: { b: B } }],
    [
      'with more beside the reference',
      { items: { type: 'array', maxItems: 2 } },
      { items: { $ref: '#/$defs/b', maxItems: 2 }, $defs: { b: B } },
    ],
    ['branches in another order', either(A, B), either(B, A)],
    ['a text in a branch', either(A, B), either({ ...A, description: 'x' }, B)],
    ['texts', { title: 'a', examples: [1] }, { description: 'b', examples: [2] }],
    ['the dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, {}],
  ])('%s', (_, one, other) => {
    expect(directions(one, other)).toEqual([]);
    expect(directions(other, one)).toEqual([]);
  });
});

describe('what nobody can tell is unclear', () => {
  test.each<[string, JsonValue, JsonValue]>([
    ['another pattern', { pattern: 'a' }, { pattern: 'b' }],
    ['another format', { format: 'date' }, { format: 'uri' }],
    ['another default', { default: 1 }, { default: 2 }],
    ['an unknown keyword, text', {}, { 'x-mcp-header': 'Authorization' }],
    ['an unknown keyword, switch', {}, { 'x-run': true }],
    ['required as a switch', { required: false }, { required: true }],
    ['an enum that is no list', { enum: ['a'] }, { enum: 'a' }],
    ['parameters that are no object', { properties: { a: {} } }, { properties: 'all' }],
    ['branches that are no list', { anyOf: [A] }, { anyOf: A }],
    ['a condition', {}, { if: { maxItems: 1 }, then: { required: ['a'] } }],
    ['inside a condition', { then: { maxItems: 1 } }, { then: { maxItems: 2 } }],
    [
      'behind a reference inside a condition',
      { then: { $ref: '#/$defs/a' }, $defs: { a: { maxItems: 1 } } },
      { then: { $ref: '#/$defs/a' }, $defs: { a: { maxItems: 2 } } },
    ],
    ['a tuple that grew', { prefixItems: [A] }, { prefixItems: [A, B] }],
    ['a reference out of the document', {}, { $ref: 'https://acme.example/schema.json' }],
  ])('%s', (_, before, after) => {
    expect(directions(before, after)).toContain('unclear');
  });

  test.each<[string, JsonValue]>([
    ['an anchor', { $anchor: 'to' }],
    ['a dynamic anchor', { $dynamicAnchor: 'to' }],
    ['a base of its own', { $id: 'https://acme.example/to' }],
  ])('a part that %s leads to, which no pointer does', (_, name) => {
    const schema = (part: object): JsonValue => ({
      properties: { to: { $ref: '#to' } },
      $defs: { address: { ...(name as object), ...part } },
    });
    expect(directions(schema({ enum: ['a'] }), schema({}))).toEqual(['unclear']);
    expect(directions(schema({ description: 'a' }), schema({ description: 'b' }))).toEqual([]);
  });
});

describe('a parameter is noticed wherever it hides', () => {
  const parameter = { properties: { ssh_key: { type: 'string' } } };

  test.each<[string, JsonValue]>([
    ['in allOf', { allOf: [parameter] }],
    ['in anyOf', { anyOf: [parameter] }],
    ['in another branch of allOf', { allOf: [B, parameter] }],
    ['in the items', { items: parameter }],
    ['in additionalProperties', { additionalProperties: parameter }],
    ['behind a reference', { $ref: '#/$defs/p', $defs: { p: parameter } }],
    ['in a dependency', { dependentSchemas: { a: parameter } }],
    ['in a condition', { then: parameter }],
    ['as a name that is required', { required: ['ssh_key'] }],
    ['as a pattern of names', { patternProperties: { '^ssh': {} } }],
  ])('%s', (_, after) => {
    expect(directions({}, after).filter((direction) => direction !== 'narrowed')).not.toEqual([]);
  });
});

test('what is required of an output is a promise, of an input a demand', () => {
  expect(directions({}, { required: ['a'] }, 'output')).toEqual(['narrowed']);
  expect(directions({ required: ['a'] }, {}, 'output')).toEqual(['widened']);
  expect(directions({}, { required: ['a'] }, 'input')).toEqual(['widened']);
  expect(directions({ required: ['a'] }, {}, 'input')).toEqual(['widened']);
});

describe('a schema made to keep us busy is compared in bounded time', () => {
  const chain = (last: JsonValue): JsonValue => ({
    $ref: '#/$defs/d0',
    $defs: Object.fromEntries([
      ...Array.from({ length: 5_000 }, (_, at) => [`d${at}`, { properties: { n: { $ref: `#/$defs/d${at + 1}` } } }]),
      ['d5000', last],
    ]) as Record<string, JsonValue>,
  });
  const fan = (minLength: number, many: JsonValue): JsonValue => ({
    properties: Object.fromEntries(
      Array.from({ length: 5_000 }, (_, at) => [`p${at}`, { $ref: '#/$defs/many', minLength }]),
    ),
    $defs: { many },
  });
  const keywords = (value: number): JsonValue =>
    Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`x-${at}`, value]));
  const branches = (): JsonValue => ({ anyOf: Array.from({ length: 20_000 }, (_, at) => ({ const: at })) });
  const nested = (part: JsonValue): JsonValue => ({
    properties: { a: { not: { $ref: '#' } }, b: { not: { $ref: '#' } }, c: { then: { $ref: '#' } } },
    ...(part as object),
  });

  test.each<[string, JsonValue, JsonValue]>([
    ['references in a long chain', chain({ maxItems: 1 }), chain({ maxItems: 2 })],
    ['many places that name one with many branches', fan(1, branches()), fan(2, branches())],
    ['many places that name one with many keywords', fan(1, keywords(1)), fan(2, keywords(2))],
    ['many small ones that become large ones', fan(1, {}), fan(2, branches())],
    ['negations that come back to themselves', nested({ maxItems: 1 }), nested({ maxItems: 2 })],
    ['everything against a schema that holds itself', true, { items: { $ref: '#', minItems: 1 } }],
  ])('%s', (_, before, after) => {
    const started = performance.now();
    expect(directions(before, after)).not.toEqual([]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('and a part that was not reached is not called equal', () => {
    expect(directions(chain({ maxItems: 1 }), chain({ maxItems: 2 }))).toEqual(['unclear']);
  });
});
