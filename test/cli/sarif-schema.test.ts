import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { serveMcp } from '../mcp/serve-mcp.js';
import { type Bench, createBench, HONEST, POISONED } from './world.js';

const SCHEMA = join(import.meta.dirname, '../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');

/** RFC 3986: what else stands in an address is percent-encoded. */
const URI_REFERENCE = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;

// The schema is one of draft 4, and has nothing in which draft 4 differs from 7 but the names of these two members.
const { $schema, id, ...schema } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as Record<string, unknown>;
const validate = new Ajv({
  strict: false,
  allErrors: true,
  // One of its patterns is none by the stricter grammar of the flag.
  unicodeRegExp: false,
  formats: {
    uri: (text: string) => URI_REFERENCE.test(text) && URL.canParse(text),
    'uri-reference': URI_REFERENCE,
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
  },
}).compile(schema);

interface Log {
  readonly runs: readonly {
    readonly results: readonly object[];
    readonly invocations: readonly { readonly toolExecutionNotifications: readonly object[] }[];
  }[];
}

/** Returns how many results and failures a log has; a log of nothing would prove nothing. */
function validated(text: string): { readonly results: number; readonly failures: number } {
  const log = JSON.parse(text) as Log;
  validate(log);
  expect(validate.errors ?? []).toEqual([]);
  const [run] = log.runs;
  return {
    results: run?.results.length ?? 0,
    failures: run?.invocations[0]?.toolExecutionNotifications.length ?? 0,
  };
}

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => {
  bench.close();
});

test('the schema is that of SARIF 2.1.0, and refuses what is none', () => {
  expect([$schema, String(id).includes('sarif-2.1.0')]).toEqual(['http://json-schema.org/draft-04/schema#', true]);
  expect(JSON.stringify(schema)).not.toMatch(/"exclusive(?:Minimum|Maximum)":(?:true|false)/);
  const run = { tool: { driver: { name: 'x' } }, results: [{ message: { text: 'x' } }] };
  expect(validate({ version: '2.1.0', runs: [run] })).toBe(true);
  expect(validate({ version: '2.1.0', runs: [{ ...run, more: 1 }] })).toBe(false);
  expect(validate({ version: '2.1.0', runs: [{ ...run, results: [{}] }] })).toBe(false);
  const place = { physicalLocation: { artifactLocation: { uri: 'a b' } } };
  expect(
    validate({ version: '2.1.0', runs: [{ ...run, results: [{ message: { text: '' }, locations: [place] }] }] }),
  ).toBe(false);
});

describe('what is printed as SARIF is valid by its schema', () => {
  const HOSTILE = { ...POISONED, description: `${POISONED.description} \u{200b}\u{1b}[2J\ud800</x>` };

  beforeEach(() => {
    bench.configure(['weather', 'odd', 'broken']);
    bench.serve('weather', [HONEST]);
    bench.serve('odd', [{ ...HONEST, name: 'ein Name/mit ~\u{7} und \ud800' }]);
    bench.serve('broken', []);
  });

  function change(): void {
    bench.serve('weather', [HOSTILE, { ...HONEST, name: 'new one' }]);
    bench.serve('odd', []);
    writeFileSync(join(bench.folder, 'broken.json'), 'not JSON');
  }

  test('scan --sarif, with findings and a server that could not be checked', async () => {
    await bench.sealwatch('init');
    change();
    const { stdout } = await bench.sealwatch('scan', '--sarif');
    expect(validated(stdout)).toEqual({ results: 3, failures: 1 });
  });

  test('scan --sarif, where there is nothing to tell', async () => {
    bench.configure(['weather']);
    await bench.sealwatch('init');
    const { stdout } = await bench.sealwatch('scan', '--sarif');
    expect(validated(stdout)).toEqual({ results: 0, failures: 0 });
  });

  test('check --sarif, with changes, removals and a server that could not be checked', async () => {
    await bench.sealwatch('lock');
    change();
    await bench.sealwatch('check', '--sarif', 'a.sarif');
    expect(validated(readFileSync(join(bench.folder, 'a.sarif'), 'utf8'))).toEqual({ results: 3, failures: 1 });
  });

  test('check --sarif, with a lock in a folder whose name an address has no form for', async () => {
    const lock = join('of a, b & ü #1 100%', 'my lock.json');
    mkdirSync(join(bench.folder, 'of a, b & ü #1 100%'));
    await bench.sealwatch('lock', '--lock', lock);
    change();
    await bench.sealwatch('check', '--lock', lock, '--sarif', 'a.sarif');
    const text = readFileSync(join(bench.folder, 'a.sarif'), 'utf8');
    expect(validated(text)).toEqual({ results: 3, failures: 1 });
    expect(text).toContain('"uri": "of%20a%2C%20b%20%26%20%C3%BC%20%231%20100%25/my%20lock.json"');
  });

  test('posture --sarif', async () => {
    const served = await serveMcp();
    bench.configure([], { servers: { remote: { url: served.url } } });
    const { stdout } = await bench.sealwatch('posture', '--sarif');
    await served.close();
    expect(validated(stdout)).toEqual({ results: 20, failures: 0 });
  });
});
