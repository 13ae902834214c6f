import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, describe, expect, test } from 'vitest';

import { takeSnapshot } from '../../src/integrity/take-snapshot.js';
import type { Observation } from '../../src/model/observation.js';
import type { Connection, Launch } from '../../src/model/server.js';
import { aliveWith, http, makeServer, MARK, node, observer, PACKAGES, SERVERS, stdio } from './make-server.js';
import { replaceFile } from '../replace-file.js';

const EVERYTHING = join(PACKAGES, 'server-everything', 'dist', 'index.js');
const MODERN = join(SERVERS, 'modern-server.mjs');

const folder = mkdtempSync(join(tmpdir(), 'sealwatch-observe-'));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  expect(aliveWith(MARK)).toEqual([]);
});

async function observe(connection: Connection, signal = new AbortController().signal): Promise<Observation> {
  return await observer.observe(makeServer(connection), signal);
}

function pageOf(observation: Observation, method: string): Readonly<Record<string, unknown>> {
  return JSON.parse(observation.pages.find((page) => page.method === method)!.result) as Record<string, unknown>;
}

function toolNames(observation: Observation): readonly string[] {
  const pages = observation.pages.filter(({ method }) => method === 'tools/list');
  return pages.flatMap(({ result }) =>
    (JSON.parse(result) as { tools: { name: string }[] }).tools.map(({ name }) => name),
  );
}

describe('real servers from the registry', () => {
  const real = (name: string, ...args: readonly string[]): Connection =>
    stdio(join(PACKAGES, name, 'dist', 'index.js'), ...args);
  const CASES: readonly [string, Connection, number, string][] = [
    ['server-everything', real('server-everything', 'stdio'), 13, 'echo'],
    ['server-filesystem', real('server-filesystem', folder), 14, 'read_file'],
    ['server-memory', real('server-memory'), 9, 'create_entities'],
    ['server-sequential-thinking', real('server-sequential-thinking'), 1, 'sequentialthinking'],
  ];

  test.each(CASES)('%s is observed whole over standard input and output', async (_, connection, count, tool) => {
    const observation = await observe(connection);
    expect(observation.protocolVersion).toBe('2025-11-25');
    expect(toolNames(observation)).toHaveLength(count);
    expect(toolNames(observation)).toContain(tool);
    expect(takeSnapshot(observation, makeServer(connection)).definitions.flatMap(({ flaws }) => flaws)).toEqual([]);
  });

  test('server-everything says the same bytes over all three transports', async () => {
    const over = (mode: string, path: string): Connection =>
      http({ ...node(EVERYTHING, mode), env: { PORT: '{port}' } }, path);
    const digests = [];
    for (const connection of [stdio(EVERYTHING, 'stdio'), over('streamableHttp', '/mcp'), over('sse', '/sse')]) {
      digests.push((await observe(connection)).rawDigest);
    }
    expect(new Set(digests).size).toBe(1);
  });
});

describe('the revision 2026-07-28', () => {
  test.each([
    ['standard input and output', stdio(MODERN, 'stdio')],
    ['HTTP', http(node(MODERN, '{port}'), '/')],
  ])('is spoken over %s with a server that speaks nothing else', async (_, connection) => {
    const observation = await observe(connection);
    expect(observation.protocolVersion).toBe('2026-07-28');
    expect(JSON.parse(observation.handshake)).toMatchObject({
      supportedVersions: ['2026-07-28'],
      instructions: 'Speak the new way.',
    });
    expect(toolNames(observation)).toEqual(['add']);
    const names = takeSnapshot(observation, makeServer(connection)).definitions.map(({ refText }) => refText);
    expect(names).toContain('tried/tool/add');
  });

  test.each([
    ['standard input and output', stdio(MODERN, 'stdio', '--both')],
    ['HTTP', http(node(MODERN, '{port}', '--both'), '/')],
  ])('gives way over %s to the handshake that most clients begin with', async (_, connection) => {
    expect((await observe(connection)).protocolVersion).toBe('2025-11-25');
  });
});

describe('an observation', () => {
  test('holds every kind of definition, with members that no schema knows', async () => {
    const observation = await observe(stdio(join(SERVERS, 'full-surface.mjs')));
    expect(observation.pages.map(({ method }) => method)).toEqual([
      'tools/list',
      'prompts/list',
      'resources/list',
      'resources/templates/list',
    ]);
    expect(pageOf(observation, 'tools/list')).toMatchObject({ tools: [{ 'x-unknown': { a: [1] } }] });
    expect(pageOf(observation, 'prompts/list')).toMatchObject({ prompts: [{ arguments: [{ hint: 'unknown' }] }] });
    expect(JSON.parse(observation.handshake)).toMatchObject({ instructions: 'Read before you write.' });
  });

  test('holds the bytes as they were sent', async () => {
    const file = join(folder, 'bytes.json');
    replaceFile(file, '[ {"name" : "a", "x":1.0e0,"\\u0061":"\\u00e9" , "name2":"é"} ]');
    const observation = await observe(stdio(join(SERVERS, 'file-server.mjs'), file));
    expect(observation.pages[0]).toEqual({
      method: 'tools/list',
      result: '{"tools":[ {"name" : "a", "x":1.0e0,"\\u0061":"\\u00e9" , "name2":"é"} ]}',
    });
  });

  test('holds all pages in their order', async () => {
    const observation = await observe(stdio(join(SERVERS, 'paginating.mjs'), '25', '10'));
    expect(observation.pages).toHaveLength(3);
    expect(toolNames(observation)).toEqual(Array.from({ length: 25 }, (_, n) => `tool_${n}`));
  });

  test('has one digest for one surface, and another after any byte has changed', async () => {
    const file = join(folder, 'digest.json');
    const connection = stdio(join(SERVERS, 'file-server.mjs'), file);
    const digestOf = async (text: string): Promise<string> => {
      replaceFile(file, text);
      return (await observe(connection)).rawDigest;
    };
    const first = await digestOf('[{"name":"a"}]');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await digestOf('[{"name":"a"}]')).toBe(first);
    expect(await digestOf('[{"name": "a"}]')).not.toBe(first);
  });

  test('sends the configured headers, and ends the session', async () => {
    const seen: (readonly [string, string | undefined, string | undefined])[] = [];
    const server = createServer((request, response) => {
      seen.push([
        request.method!,
        request.headers.authorization,
        request.headers['mcp-session-id'] as string | undefined,
      ]);
      if (request.method !== 'POST') response.writeHead(405).end();
      else {
        request.setEncoding('utf8').once('data', (text: string) => {
          const { id, method } = JSON.parse(text) as { id?: number; method: string };
          const result = method === 'initialize' ? { protocolVersion: '2025-06-18', capabilities: {} } : { tools: [] };
          response.writeHead(id === undefined ? 202 : 200, {
            'content-type': 'application/json',
            'mcp-session-id': 'abc',
          });
          response.end(id === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id, result }));
        });
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    await observe(http(undefined, '', { url, headers: { authorization: 'Bearer t' } }));
    expect(seen.at(-1)).toEqual(['DELETE', 'Bearer t', 'abc']);
    expect(new Set(seen.map(([, authorization]) => authorization))).toEqual(new Set(['Bearer t']));
    // Nothing of ours may hold a socket open: an idle server ends at once.
    await once(server.close(), 'close');
  });
});

describe('an error', () => {
  test('does not carry the token that the server printed when it refused it', async () => {
    const script = 'console.error("bad token " + process.env.API_TOKEN); process.exit(2)';
    const env = { API_TOKEN: 'ghp_0123456789abcdef' };
    const launch: Launch = { command: process.execPath, args: ['-e', script], env, cwd: folder };
    await expect(observe({ kind: 'stdio', launch })).rejects.toThrow(
      'the server exited with code 2; its standard error ends: "bad token [hidden]"',
    );
  });

  test('does not carry the password of a URL', async () => {
    const url = 'http://user:correct-horse@127.0.0.1:59998/mcp?key=0123456789';
    const error = await observe(http(undefined, '', { url })).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).not.toMatch(/correct-horse|0123456789/);
  });
});

describe('a child process', () => {
  test('sees what the configuration names and what it needs to start, and no more', async () => {
    process.env['SEALWATCH_PLANTED_SECRET'] = 'hunter2';
    const launch: Launch = { ...node(join(SERVERS, 'full-surface.mjs')), env: { NAMED: 'yes' } };
    const observation = await observe({ kind: 'stdio', launch });
    delete process.env['SEALWATCH_PLANTED_SECRET'];
    const [tool] = pageOf(observation, 'tools/list')['tools'] as [{ description: string }];
    const names = Object.keys(JSON.parse(tool.description) as object);
    expect(names).toContain('NAMED');
    expect(names).toContain('PATH');
    expect(names.filter((name) => !KNOWN.includes(name))).toEqual([]);
  });

  const KNOWN = ['NAMED', 'PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

  test('and what it started end with the observation', async () => {
    const mark = `${MARK}-grandchild`;
    const script = `sleep 300 & sleep 301 & : ${mark}; exec "$0" "$@"`;
    const { command, args } = node(join(SERVERS, 'full-surface.mjs'), mark);
    const launch: Launch = { command: '/bin/sh', args: ['-c', script, command, ...args], env: {}, cwd: folder };
    await observe({ kind: 'stdio', launch });
    expect(aliveWith(mark)).toEqual([]);
    expect(aliveWith('sleep 301')).toEqual([]);
  });

  test.each([
    ['standard input and output', stdio(join(SERVERS, 'hostile.mjs'), 'never answers a list', `${MARK}-abort`)],
    ['HTTP', http(node(join(SERVERS, 'hostile-http.mjs'), 'never answers', '{port}', `${MARK}-abort`), '/mcp')],
    [
      'a port that never opens',
      http(node(join(SERVERS, 'hostile-http.mjs'), 'opens no port', '{port}', `${MARK}-abort`), '/mcp'),
    ],
  ])('ends at once when an observation over %s is called off', async (_, connection) => {
    const controller = new AbortController();
    const observing = observe(connection, controller.signal);
    const outcome = expect(observing).rejects.toMatchObject({ code: 'OBSERVE_ABORTED' });
    await sleep(500);
    const abortedAt = performance.now();
    controller.abort();
    await outcome;
    expect(performance.now() - abortedAt).toBeLessThan(1_500);
    expect(aliveWith(`${MARK}-abort`)).toEqual([]);
  });

  test('is not even started when the observation was called off before', async () => {
    const connection = stdio(join(SERVERS, 'full-surface.mjs'));
    await expect(observe(connection, AbortSignal.abort())).rejects.toMatchObject({ code: 'OBSERVE_ABORTED' });
  });

  test('ends when we are killed, though nobody could end it', async () => {
    const mark = `${MARK}-orphan`;
    const parent = spawn(process.execPath, [join(SERVERS, 'observing-parent.mjs'), mark], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    await expect.poll(() => aliveWith(mark).length, { timeout: 10_000 }).toBeGreaterThan(1);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await expect.poll(() => aliveWith(mark), { timeout: 5_000 }).toEqual([]);
  });
});

describe('a connection that stays', () => {
  test('announces a change, and lists it', async () => {
    const file = join(folder, 'changing.json');
    replaceFile(file, '[{"name":"a"}]');
    let changes = 0;
    const server = makeServer(stdio(join(SERVERS, 'file-server.mjs'), file));
    const session = await observer.connect(server, () => changes++, new AbortController().signal);
    expect(session.announcesChanges).toBe(true);
    expect(toolNames(await session.observe(new AbortController().signal))).toEqual(['a']);
    expect(changes).toBe(0);
    replaceFile(file, '[{"name":"a"},{"name":"b"}]');
    await expect.poll(() => changes, { timeout: 5_000 }).toBeGreaterThan(0);
    expect(toolNames(await session.observe(new AbortController().signal))).toEqual(['a', 'b']);
    await session.close();
    expect(await session.closed).toMatchObject({ code: 'OBSERVE_CLOSED' });
  });

  test.each([
    ['the revision 2026-07-28 over HTTP', http(node(MODERN, '{port}'), '/')],
    ['the revision 2026-07-28 over standard input and output', stdio(MODERN, 'stdio')],
  ])('hears of changes in %s', async (_, connection) => {
    let changes = 0;
    const session = await observer.connect(makeServer(connection), () => changes++, new AbortController().signal);
    expect(session.announcesChanges).toBe(true);
    await expect.poll(() => changes, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(toolNames(await session.observe(new AbortController().signal))).toEqual(['add']);
    await session.close();
  });

  test('hears of changes over HTTP+SSE', async () => {
    const probe = createServer();
    await once(probe.listen(0, '127.0.0.1'), 'listening');
    const { port } = probe.address() as AddressInfo;
    await once(probe.close(), 'close');
    const connection = http(node(join(SERVERS, 'sse-server.mjs'), String(port)), '', {
      url: `http://127.0.0.1:${port}/sse`,
    });
    let changes = 0;
    const session = await observer.connect(makeServer(connection), () => changes++, new AbortController().signal);
    await fetch(`http://127.0.0.1:${port}/change`);
    await expect.poll(() => changes, { timeout: 5_000 }).toBe(1);
    await session.close();
  });

  test('says when and why it has ended', async () => {
    const script =
      'process.stdin.once("data", () => { console.log(process.argv[1]); setTimeout(() => { console.error("out of memory"); process.exit(4); }, 300); })';
    const answer = { jsonrpc: '2.0', id: 1, result: { protocolVersion: '2025-11-25', capabilities: {} } };
    const launch: Launch = {
      command: process.execPath,
      args: ['-e', script, JSON.stringify(answer)],
      env: {},
      cwd: folder,
    };
    const session = await observer.connect(
      makeServer({ kind: 'stdio', launch }),
      () => undefined,
      new AbortController().signal,
    );
    expect(await session.closed).toEqual({
      code: 'OBSERVE_EXITED',
      message: 'the server exited with code 4; its standard error ends: "out of memory"',
    });
    await expect(session.observe(new AbortController().signal)).rejects.toMatchObject({ code: 'OBSERVE_EXITED' });
  });

  test('ends without failing the observation that is under way', async () => {
    const server = makeServer(stdio(join(SERVERS, 'paginating.mjs'), '100', '10'));
    const session = await observer.connect(server, () => undefined, new AbortController().signal);
    const observing = session.observe(new AbortController().signal);
    await session.close();
    expect(toolNames(await observing)).toHaveLength(100);
  });

  test('ends when the server hangs, so that its holder opens a new one', async () => {
    const server = makeServer(stdio(join(SERVERS, 'hostile.mjs'), 'never answers a list'), { requestMs: 200 });
    const session = await observer.connect(server, () => undefined, new AbortController().signal);
    await expect(session.observe(new AbortController().signal)).rejects.toMatchObject({ code: 'OBSERVE_TIMEOUT' });
    expect(await session.closed).toMatchObject({ code: 'OBSERVE_TIMEOUT' });
  });

  test('outlives an observation that is called off', async () => {
    const file = join(folder, 'outlives.json');
    replaceFile(file, '[{"name":"a"}]');
    const server = makeServer(stdio(join(SERVERS, 'file-server.mjs'), file));
    const session = await observer.connect(server, () => undefined, new AbortController().signal);
    const controller = new AbortController();
    const outcome = expect(session.observe(controller.signal)).rejects.toMatchObject({ code: 'OBSERVE_ABORTED' });
    controller.abort();
    await outcome;
    expect(toolNames(await session.observe(new AbortController().signal))).toEqual(['a']);
    await session.close();
  });

  test('ends with its signal, and leaves no process', async () => {
    const mark = `${MARK}-signal`;
    const controller = new AbortController();
    const session = await observer.connect(
      makeServer(stdio(join(SERVERS, 'full-surface.mjs'), mark)),
      () => undefined,
      controller.signal,
    );
    expect(aliveWith(mark)).toHaveLength(1);
    controller.abort();
    expect(await session.closed).toMatchObject({ code: 'OBSERVE_ABORTED' });
    expect(aliveWith(mark)).toEqual([]);
  });
});
