import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { createProgram } from '../../src/cli/program.js';
import { makeCertificate } from '../make-certificate.js';

const ROOT = join(import.meta.dirname, '..', '..');
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
/** Instructions, each on one line, without comments. */
const instructions = dockerfile
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '');
const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')));

test('the linter has nothing to say about the Dockerfile, and would', () => {
  expect(validate(dockerfile).map(({ message }) => message)).toEqual([]);
  expect(validate(`${dockerfile}\nCMD second\nCOPYY a b`).length).toBeGreaterThan(0);
});

test('both stages are one image, named by its whole version', () => {
  const images = instructions.filter((line) => line.startsWith('FROM')).map((line) => line.split(' ')[1]);
  expect(images).toEqual(['node:20.20.2-bookworm-slim', 'node:20.20.2-bookworm-slim']);
});

test('the image runs as a user who owns its state and not its program', () => {
  expect(last.filter((line) => line.startsWith('USER'))).toEqual(['USER node']);
  expect(last.filter((line) => line.includes('chown'))).toEqual([]);
  expect(last.findIndex((line) => line.startsWith('VOLUME'))).toBeLessThan(last.indexOf('USER node'));
  expect(last).toContain('VOLUME ["/data"]');
});

test('it starts the program without a shell, with what there is in the package', () => {
  const words = (name: string): readonly string[] =>
    JSON.parse(last.find((line) => line.startsWith(name))?.slice(name.length) ?? 'null') as readonly string[];
  expect([...words('ENTRYPOINT'), ...words('CMD')]).toEqual([
    'node',
    '/app/dist/main.js',
    '--config',
    '/etc/sealwatch/sealwatch.yaml',
    '--state-dir',
    '/data/store',
    'serve',
    '--log-format',
    'json',
  ]);
  expect(last.some((line) => line.endsWith('CMD ["node", "/app/data/image/health-check.mjs"]'))).toBe(true);
});

test('what is copied is there, and is all that the build is sent', () => {
  const copied = instructions
    .filter((line) => line.startsWith('COPY') && !line.includes('--from'))
    .flatMap((line) => line.split(' ').slice(1, -1));
  const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  const sent = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  expect(ignore.filter((line) => line !== '' && !/^[#!]/.test(line))).toEqual(['*']);
  expect([...sent].sort()).toEqual([...copied].sort());
  expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

interface Service {
  readonly command: readonly string[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
}

const compose = parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

test('compose has the pages and the gateway on one store, which is created first', () => {
  const { init, serve, gateway } = compose.services;
  expect(Object.keys(compose.services)).toEqual(['init', 'serve', 'gateway']);
  expect([init?.command, serve?.command, gateway?.command]).toEqual([
    ['init', '--yes'],
    ['serve', '--log-format', 'json'],
    ['gateway'],
  ]);
  for (const service of [serve, gateway])
    expect(service?.['depends_on']).toEqual({ init: { condition: 'service_completed_successfully' } });
  expect([serve?.['ports'], gateway?.['ports'], gateway?.['environment']]).toEqual([
    ['8470:8470'],
    ['8471:8471'],
    { SEALWATCH_HEALTH_PORT: '8471' },
  ]);
});

test.each(Object.entries(compose.services))('the service %s may do no more than it needs', (_name, service) => {
  expect(service).toMatchObject({
    user: '1000:1000',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    init: true,
    ulimits: { core: 0 },
    env_file: 'sealwatch.env',
  });
  for (const key of ['privileged', 'cap_add', 'network_mode', 'pid', 'devices'])
    expect(service).not.toHaveProperty(key);
  expect(service['tmpfs']).toEqual(['/tmp:mode=1777,nosuid,nodev,noexec,size=256m']);
  const writable = service.volumes.filter((volume) => volume['read_only'] !== true);
  expect(writable).toEqual([{ type: 'volume', source: 'state', target: '/data' }]);
});

test('compose starts commands and options that there are', async () => {
  const output = { write: () => true };
  const program = await createProgram({ stdout: output, stderr: output }, () => () => () => Promise.resolve());
  for (const { command } of Object.values(compose.services))
    expect(() => program.parse(['--config', 'a', '--state-dir', 'b', ...command], { from: 'user' })).not.toThrow();
});

test.each([
  ['answers 200', 200, 0],
  ['has no store', 503, 1],
])('the health check of a service that %s', async (_what, status, expected) => {
  expect(await checkHealth(createServer((_request, response) => response.writeHead(status).end()))).toBe(expected);
});

test('the health check of a service with TLS, whose certificate has another name', async () => {
  const { cert, key } = makeCertificate({ dns: 'sealwatch.example.com' });
  expect(await checkHealth(createTlsServer({ cert, key }, (_request, response) => response.writeHead(200).end()))).toBe(
    0,
  );
});

test('the health check where nobody listens', async () => {
  expect(await healthOf(1)).toBe(1);
});

async function checkHealth(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await healthOf((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

async function healthOf(port: number): Promise<number> {
  const env = { PATH: process.env['PATH'], SEALWATCH_HEALTH_PORT: String(port) };
  const child = spawn(process.execPath, [join(ROOT, 'data', 'image', 'health-check.mjs')], { env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}
