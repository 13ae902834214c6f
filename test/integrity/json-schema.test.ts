import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { compileSchema } from '../../src/integrity/json-schema/compiled-schema.js';
import { satisfies } from '../../src/integrity/json-schema/satisfies.js';
import { parseJson } from '../../src/integrity/parse-json.js';
import type { JsonValue } from '../../src/model/json.js';

function look(schema: JsonValue, value: JsonValue): string {
  const answer = satisfies(compileSchema(schema), value);
  return answer.kind === 'invalid' ? `${answer.keyword} ${answer.at}` : answer.kind;
}

const REF = { $defs: { a: { type: 'string' } }, properties: { x: { $ref: '#/$defs/a' } } };
const TREE = {
  type: 'object',
  properties: { next: { $ref: '#' }, n: { type: 'number' } },
  additionalProperties: false,
};

describe('a value satisfies a schema, or the keyword that it fails is named', () => {
  test.each<[JsonValue, JsonValue, string]>([
    [true, 1, 'valid'],
    [false, 1, 'false '],
    [{ type: 'integer' }, 1, 'valid'],
    [{ type: 'integer' }, 1.5, 'type '],
    [{ type: ['string', 'null'] }, null, 'valid'],
    [{ enum: [{ a: [1, 2] }] }, { a: [1, 2] }, 'valid'],
    [{ enum: ['a'] }, 'b', 'enum '],
    [{ const: null }, 0, 'const '],
    [{ multipleOf: 0.0001 }, 0.0075, 'valid'],
    [{ multipleOf: 0.01 }, 0.0075, 'multipleOf '],
    [{ minLength: 1, maxLength: 1 }, '\u{1f600}', 'valid'],
    [{ pattern: '^\\u0061/\\/b$' }, 'a//b', 'valid'],
    [{ pattern: '^a' }, 'ba', 'pattern '],
    [{ items: { type: 'number' } }, [1, 'x'], 'type /1'],
    [{ prefixItems: [{ type: 'number' }], items: false }, [1, 2], 'false /1'],
    [{ items: [{ type: 'number' }], additionalItems: false }, [1, 2], 'false /1'],
    [{ contains: { const: 1 }, maxContains: 1 }, [1, 1], 'contains '],
    [
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      'uniqueItems ',
    ],
    [{ required: ['a'] }, {}, 'required '],
    [{ properties: { a: {} }, additionalProperties: false }, { a: 1, b: 2 }, 'additionalProperties /b'],
    [{ patternProperties: { '^x': { type: 'string' } }, additionalProperties: false }, { x1: 1 }, 'type /x1'],
    [{ propertyNames: { maxLength: 2 } }, { abc: 1 }, 'propertyNames /abc'],
    [{ dependentRequired: { a: ['b'] } }, { a: 1 }, 'dependentRequired '],
    [{ dependentSchemas: { a: { required: ['b'] } } }, { a: 1 }, 'required '],
    [{ anyOf: [{ type: 'string' }, { minimum: 2 }] }, 1, 'anyOf '],
    [{ oneOf: [{ type: 'number' }, { minimum: 0 }] }, 1, 'oneOf '],
    [{ not: { type: 'number' } }, 1, 'not '],
    [{ if: { const: 1 }, then: { type: 'string' } }, 1, 'type '],
    [{ allOf: [{ properties: { a: {} } }], unevaluatedProperties: false }, { a: 1, b: 1 }, 'unevaluatedProperties /b'],
    [{ allOf: [{ prefixItems: [{}] }], unevaluatedItems: false }, [1, 2], 'unevaluatedItems /1'],
    [REF, { x: 1 }, 'type /x'],
    [TREE, { next: { next: { n: 1 } } }, 'valid'],
    [TREE, { next: { next: { m: 1 } } }, 'additionalProperties /next/next/m'],
    [
      { $id: 'https://a.example/b', $defs: { c: { $id: 'c', $anchor: 'here', type: 'string' } }, $ref: 'c#here' },
      1,
      'type ',
    ],
    [
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        $ref: '#/definitions/a',
        definitions: { a: {} },
        type: 'string',
      },
      1,
      'valid',
    ],
    [{ format: 'email' }, 'no address', 'valid'],
  ])('%j: %j is %s', (schema, value, expected) => {
    expect(look(schema, value)).toBe(expected);
  });
});

describe('where nobody can tell, that is the answer', () => {
  const bomb = {
    $defs: Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [
        `d${n}`,
        { anyOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
      ]),
    ),
    $ref: '#/$defs/d0',
  };
  const deep = JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`) as JsonValue;
  test.each<[string, JsonValue, JsonValue]>([
    ['a pattern with look-around', { pattern: '(?=a)b' }, 'b'],
    ['a pattern with a back-reference', { pattern: '(a)\\1' }, 'aa'],
    ['a schema of another machine', { $ref: 'https://elsewhere.example/schema.json' }, 1],
    ['a file of this machine', { $ref: 'file:///etc/passwd' }, 1],
    ['a reference to nothing', { $ref: '#/$defs/none' }, 1],
    ['a reference to itself', { $ref: '#' }, 1],
    ['a dynamic reference', { $dynamicRef: '#a' }, 1],
    ['a dialect of its own', { $schema: 'https://elsewhere.example/dialect' }, 1],
    ['alternatives that double forty times', { ...bomb, $defs: { ...bomb.$defs, d40: false } }, 1],
    ['a value that is nested very deep', { items: { $ref: '#' } }, deep],
    ['a schema that is a number', { properties: { a: 5 } }, { a: 1 }],
  ])('%s', (_, schema, value) => {
    expect(look(schema, value)).toBe('unknown');
  });

  test('a pattern that would take a backtracking engine for ever takes one pass', () => {
    expect(look({ pattern: '^(a+)+$' }, `${'a'.repeat(50_000)}!`)).toBe('pattern ');
  });

  test('members that objects inherit are none, and such names are data', () => {
    const value = parseJson('{"__proto__": {"x": 1}, "constructor": 1}', { maxDepth: 8 }).value;
    expect(look({ required: ['toString'] }, value)).toBe('required ');
    expect(look({ required: ['__proto__', 'constructor'] }, value)).toBe('valid');
    expect(look({ properties: { a: {} }, additionalProperties: false }, value)).toBe('additionalProperties /__proto__');
  });
});

describe('it agrees with another implementation', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const value = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<JsonValue>(null, true, 0, 1, 2, 1.5, '', 'a', 'ab', 'b'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
  const schema = fc.letrec<{ schema: JsonValue }>((tie) => {
    const one = tie('schema');
    const some = fc.array(one, { minLength: 1, maxLength: 2 });
    const few = fc.integer({ min: 0, max: 3 });
    return {
      schema: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.boolean(),
        fc.record(
          {
            type: fc.constantFrom('string', 'number', 'integer', 'object', 'array', 'null', 'boolean'),
            enum: fc.array(value, { minLength: 1, maxLength: 3 }),
            minimum: few,
            maxLength: few,
            pattern: fc.constantFrom('^a', 'b$', '^[ab]+$'),
            maxItems: few,
            uniqueItems: fc.boolean(),
            required: fc.uniqueArray(name, { maxLength: 2 }),
            properties: fc.dictionary(name, one, { maxKeys: 2, noNullPrototype: true }),
            patternProperties: fc.dictionary(fc.constantFrom('^a', 'c'), one, { maxKeys: 1, noNullPrototype: true }),
            additionalProperties: one,
            propertyNames: fc.record({ enum: fc.uniqueArray(name, { minLength: 1 }) }),
            dependentRequired: fc.dictionary(name, fc.uniqueArray(name), { maxKeys: 1, noNullPrototype: true }),
            dependentSchemas: fc.dictionary(name, one, { maxKeys: 1, noNullPrototype: true }),
            prefixItems: some,
            items: one,
            contains: one,
            minContains: few,
            allOf: some,
            anyOf: some,
            oneOf: some,
            not: one,
            if: one,
            then: one,
            else: one,
            unevaluatedProperties: one,
            unevaluatedItems: one,
            $ref: fc.constant('#/$defs/shared'),
          },
          { requiredKeys: [] },
        ),
      ),
    };
  }).schema;
  const shared = {
    type: ['object', 'array', 'string'],
    properties: { a: { type: 'string' } },
    prefixItems: [{ type: 'number' }],
  };

  test('on schemas of 2020-12 and values, whatever they are', () => {
    fc.assert(
      fc.property(schema, value, (tried, given) => {
        const whole = typeof tried === 'object' ? { ...(tried as object), $defs: { shared } } : tried;
        const options = { strict: false, validateFormats: false, logger: false } as const;
        const validate = new Ajv2020(options).compile(whole as object);
        const answer = satisfies(compileSchema(whole), given);
        expect([answer.kind, whole]).toEqual([validate(given) ? 'valid' : 'invalid', whole]);
      }),
      // Compiling a schema takes the other one a fifth of a second.
      { numRuns: 25, endOnFailure: true },
    );
  });

  test.each([
    [
      '2019-09',
      Ajv2019,
      'https://json-schema.org/draft/2019-09/schema',
      { items: [{ type: 'number' }], unevaluatedItems: false },
    ],
    [
      'draft-07',
      Ajv,
      'http://json-schema.org/draft-07/schema#',
      { dependencies: { a: ['b'], c: { required: ['a'] } } },
    ],
  ])('on %s', (_, Validator, $schema, tried) => {
    const whole = { $schema, ...tried };
    const validate = new Validator({ strict: false, logger: false }).compile(whole);
    for (const given of [[1], ['x'], [1, 2], { a: 1 }, { a: 1, b: 1 }, { c: 1 }, { c: 1, a: 1, b: 1 }])
      expect([look(whole, given) === 'valid', given]).toEqual([validate(given), given]);
  });
});
