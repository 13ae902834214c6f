import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { SealwatchError } from '../../src/errors.js';
import { startTracing } from '../../src/telemetry/tracing.js';

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NAMES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  for (const name of NAMES) Reflect.deleteProperty(process.env, name);
});

/** A real collector, as far as HTTP goes: it keeps the bodies that are posted to it. */
async function startCollector(answer: 'takes' | 'hangs' = 'takes') {
  const bodies: Buffer[] = [];
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      paths.push(request.url);
      if (answer === 'takes') response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, paths };
}

/** The exporter reads the environment of the process by itself. */
function environment(variables: Record<string, string>): Record<string, string | undefined> {
  Object.assign(process.env, variables);
  return variables;
}

test('spans reach the collector that the standard variable names, with their parts and what became known later', async () => {
  const { url, bodies, paths } = await startCollector();
  const { span, stop } = await startTracing(environment({ OTEL_EXPORTER_OTLP_ENDPOINT: url }), '1.2.3', QUIET);
  const result = await span('inspection', { 'sealwatch.server': 'weather' }, async (set) => {
    set('sealwatch.outcome', 'unchanged');
    return span('observe', {}, () => Promise.resolve('listed'));
  });
  await stop();
  expect([result, paths[0]]).toEqual(['listed', '/v1/traces']);
  const sent = Buffer.concat(bodies).toString('latin1');
  for (const text of [
    'inspection',
    'observe',
    'sealwatch.server',
    'weather',
    'sealwatch.outcome',
    'unchanged',
    '1.2.3',
  ])
    expect(sent).toContain(text);
  expect(sent).toMatch(/service\.name.{1,6}sealwatch/s);
});

test('a span that fails says with which code, never with what text, and the error goes on', async () => {
  const { url, bodies } = await startCollector();
  const { span, stop } = await startTracing(environment({ OTEL_EXPORTER_OTLP_ENDPOINT: url }), '1.2.3', QUIET);
  const failing = span('observe', {}, () => Promise.reject(new SealwatchError('OBSERVE_TIMEOUT', 'text of a server')));
  await expect(failing).rejects.toMatchObject({ code: 'OBSERVE_TIMEOUT' });
  await stop();
  const sent = Buffer.concat(bodies).toString('latin1');
  expect(sent).toContain('OBSERVE_TIMEOUT');
  expect(sent).not.toContain('text of a server');
});

test('a collector that never answers does not keep the service from ending', async () => {
  const { url } = await startCollector('hangs');
  const { span, stop } = await startTracing(environment({ OTEL_EXPORTER_OTLP_ENDPOINT: url }), '1.2.3', QUIET);
  await span('inspection', {}, () => Promise.resolve());
  const started = performance.now();
  await stop();
  expect(performance.now() - started).toBeLessThan(8_000);
});

test.each([
  ['without a collector', {}],
  ['with the SDK switched off', { OTEL_SDK_DISABLED: 'true' }],
  ['with traces switched off', { OTEL_TRACES_EXPORTER: 'none' }],
])('%s nothing is sent, and actions run as ever', async (name, variables) => {
  const { url, bodies } = await startCollector();
  const endpoint = name === 'without a collector' ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: url };
  const { span, stop } = await startTracing(environment({ ...endpoint, ...variables }), '1.2.3', QUIET);
  expect(await span('inspection', {}, () => Promise.resolve(42))).toBe(42);
  await stop();
  expect(bodies).toEqual([]);
  for (const variable of Object.keys(variables)) Reflect.deleteProperty(process.env, variable);
});
