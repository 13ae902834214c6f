import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Site, startSite } from './start-site.js';

const GOLDEN = join(import.meta.dirname, 'openapi.golden.json');

interface Operation {
  readonly operationId: string;
  readonly description: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly requestBody?: unknown;
}

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly additionalProperties?: boolean }>> };
}

let site: Site;
let document: Document;
beforeAll(async () => {
  site = await startSite();
  document = JSON.parse((await site.get('/api/openapi.json')).text) as Document;
});
afterAll(() => site.close());

function operations(): readonly Operation[] {
  return Object.values(document.paths).flatMap((path) => Object.values(path));
}

test('the document is served without signing in', async () => {
  const { status, headers } = await site.get('/api/openapi.json');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(document.servers).toEqual([{ url: `${site.url}/api/v1` }]);
});

test('the document is valid OpenAPI 3.1, judged by a validator of others', async () => {
  const validator = new Validator();
  const verdict = await validator.validate(structuredClone(document) as unknown as Record<string, unknown>);
  expect(verdict.errors ?? []).toEqual([]);
  expect(verdict.valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

test('the document is what it was: whoever changes it means to (UPDATE_GOLDEN=1 writes it anew)', () => {
  const text = `${JSON.stringify({ ...document, servers: [{ url: 'https://sealwatch.example.test/api/v1' }] }, null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, 'utf8'));
});

test('it names every operation once', () => {
  expect(operations().map(({ operationId }) => operationId)).toEqual([
    'listRequests',
    'getRequest',
    'decideRequest',
    'decideRequests',
    'waiveFinding',
    'addComment',
    'listComments',
    'listServers',
    'getServer',
    'listVersions',
    'compareVersions',
    'readAudit',
    'getAuditProof',
    'readCalls',
    'getOverview',
    'listDeliveries',
    'retryDelivery',
    'getMe',
    'streamEvents',
  ]);
});

describe('every operation', () => {
  test('says who may do it, and how it refuses', () => {
    for (const { description, responses } of operations()) {
      expect(description).toMatch(/Role: .+\.$/);
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '400', '401', '429', '500', '503']));
    }
  });

  test('that changes something takes nothing but what is described', () => {
    for (const name of ['Decision', 'Decisions', 'Waiver', 'NewComment', 'Empty']) {
      expect(document.components.schemas[name]?.additionalProperties).toBe(false);
    }
  });

  test('refers only to what there is', () => {
    const text = JSON.stringify(document);
    for (const [, kind = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      expect(document.components).toHaveProperty([kind, name]);
    }
  });
});
