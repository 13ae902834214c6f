import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { clientPlaces } from '../../src/clients/client-places.js';
import { clientNewsJson, clientNewsLine, type ClientNews, noticeOf } from '../../src/cli/client-news.js';
import { watchClients } from '../../src/cli/client-watch.js';
import { createPaint } from '../../src/cli/paint.js';
import { loadConfig } from '../../src/config/load-config.js';
import { type Bench, createBench } from './world.js';

let bench: Bench;
let end: AbortController;
beforeEach(() => {
  bench = createBench();
  end = new AbortController();
});
afterEach(() => {
  end.abort();
  bench.close();
});

const MEMORY = { command: 'npx', args: ['-y', 'server-memory'] };
const THROUGH = { command: 'sealwatch', args: ['run', 'memory'] };

function pathOf(path: string): string {
  const file = join(bench.folder, path);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

/** As editors do: a new file in the place of the old one. */
function replace(path: string, content: unknown): void {
  const file = pathOf(path);
  writeFileSync(`${file}.tmp`, typeof content === 'string' ? content : JSON.stringify(content));
  renameSync(`${file}.tmp`, file);
}

function cursor(servers: Readonly<Record<string, unknown>>): void {
  replace('home/.cursor/mcp.json', { mcpServers: servers });
}

/** Starts to watch with one server that is configured. Returns what it has told, and the notice. */
function watching(): { readonly lines: string[]; readonly news: ClientNews[]; notice: string | undefined } {
  bench.configure([], { servers: { memory: MEMORY } });
  const config = loadConfig({ file: undefined, cwd: bench.folder, env: {}, stateDir: undefined });
  const told = { lines: [] as string[], news: [] as ClientNews[], notice: undefined as string | undefined };
  const places = clientPlaces({ platform: 'linux', home: join(bench.folder, 'home'), env: {}, cwd: bench.folder });
  const judge = { config, servers: config.servers, main: '/opt/sealwatch/dist/main.js' };
  watchClients(
    {
      places,
      judge,
      onState: (state, news) => {
        told.notice = noticeOf(state);
        told.news.push(...news);
        for (const one of news)
          told.lines.push(
            clientNewsLine(one, '2026-01-01T10:00:00Z', createPaint(false)).replaceAll(bench.folder, '.'),
          );
      },
    },
    end.signal,
  );
  return told;
}

async function tells(told: { readonly lines: readonly string[] }, lines: readonly string[]): Promise<void> {
  await expect.poll(() => told.lines, { timeout: 10_000, interval: 50 }).toEqual(lines);
}

test('a file that was not there, an entry that is changed, and one that is taken away', async () => {
  const told = watching();
  expect([told.lines, told.notice]).toEqual([[], undefined]);
  cursor({ memory: THROUGH });
  await tells(told, ['10:00:00 Cursor: "memory" is new: goes through Sealwatch']);
  cursor({ memory: MEMORY, evil: { command: '/tmp/evil' } });
  await tells(told, [
    '10:00:00 Cursor: "memory" is new: goes through Sealwatch',
    '10:00:00 Cursor: "memory" is changed: goes around Sealwatch; watched as memory',
    '10:00:00 Cursor: "evil" is new: goes around Sealwatch and is not watched; the client starts it itself',
  ]);
  expect(told.notice).toBe('1 server of clients not watched: "evil" (Cursor) (sealwatch discover)');
  rmSync(join(bench.folder, 'home/.cursor'), { recursive: true });
  await expect
    .poll(() => told.lines.slice(3), { timeout: 10_000 })
    .toEqual(['10:00:00 Cursor: "memory" is gone', '10:00:00 Cursor: "evil" is gone']);
  expect(told.notice).toBeUndefined();
});

test('what is there at the beginning is in the notice, and is no news', () => {
  cursor({ a: { command: 'a' }, b: { command: 'b', disabled: true } });
  const told = watching();
  expect([told.lines, told.notice]).toEqual([[], '1 server of clients not watched: "a" (Cursor) (sealwatch discover)']);
});

test('what starts other code with the words of a watched server is not watched', () => {
  cursor({ a: MEMORY, b: { ...MEMORY, env: { NODE_OPTIONS: '--import=/tmp/evil.mjs' } } });
  replace('.mcp.json', { mcpServers: { c: { ...MEMORY, cwd: 'other' } } });
  expect(watching().notice).toBe(
    '2 servers of clients not watched: "b" (Cursor), "c" (Claude Code) (sealwatch discover)',
  );
});

test('what a file writes into the name of a variable does not reach the terminal as it is', async () => {
  const told = watching();
  cursor({ evil: { ...MEMORY, env: { 'A\u001b]0;x\u0007': '1' } } });
  await expect.poll(() => told.lines, { timeout: 10_000, interval: 50 }).toHaveLength(1);
  expect(told.lines[0]).toContain('unlike memory: its client sets A\\u{1b}]0;x\\u{7}, and');
});

test('another value of a variable is a change, and no value is told', async () => {
  cursor({ a: { command: 'a', env: { TOKEN: 's3cret-1' } } });
  const told = watching();
  cursor({ a: { command: 'a', env: { TOKEN: 's3cret-2' } } });
  await expect.poll(() => told.news.length, { timeout: 10_000 }).toBe(1);
  const [news] = told.news;
  const json = news && clientNewsJson(news, '2026-01-01T10:00:00Z');
  expect(json).toMatchObject({
    event: 'client',
    change: 'changed',
    client: 'Cursor',
    name: 'a',
    standing: 'unwatched',
  });
  expect(JSON.stringify([json, told.lines])).not.toContain('s3cret');
});

test('a file that cannot be read takes no server away, and says when it can be read again', async () => {
  cursor({ a: { command: 'a' } });
  const told = watching();
  replace('home/.cursor/mcp.json', '{ "mcpServers": s3cret');
  const lost = '10:00:00 Cursor: cannot read "./home/.cursor/mcp.json": "not JSON: InvalidSymbol in line 1"';
  await tells(told, [lost]);
  expect(told.notice).toBe(
    '1 server of clients not watched: "a" (Cursor); files of clients that cannot be read: 1 (sealwatch discover)',
  );
  cursor({});
  await tells(told, [
    lost,
    '10:00:00 Cursor: "a" is gone',
    '10:00:00 Cursor: "./home/.cursor/mcp.json" can be read again',
  ]);
});

test('a file that cannot be read at the beginning is told', () => {
  symlinkSync('.', pathOf('.mcp.json'));
  const told = watching();
  expect(told.lines).toEqual(['10:00:00 Claude Code: cannot read "./.mcp.json": "it is no file"']);
});

test('an edit that is followed by another one at once is told once', async () => {
  const told = watching();
  for (let number = 0; number < 5; number += 1) {
    cursor({ [`a${number}`]: { command: 'a' } });
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await expect.poll(() => told.lines.length, { timeout: 10_000 }).toBe(1);
  expect(told.lines).toEqual([expect.stringContaining('"a4" is new')]);
});

test('without a terminal an edit is a line, and with --json a document', async () => {
  bench.configure(['a']);
  bench.serve('a', []);
  await bench.sealwatch('init');
  const [text, json] = [bench.start('watch'), bench.start('watch', '--json')];
  await text.until('watching 1 server');
  await json.until('watching 1 server');
  replace('.mcp.json', { mcpServers: { 'x\u001b[2J': { command: 'evil' } } });
  await text.until('Claude Code: "x\\u{1b}[2J" is new: goes around Sealwatch and is not watched');
  await json.until('"event":"client"');
  const line = json
    .output()
    .split('\n')
    .find((one) => one.includes('"client"'));
  expect(JSON.parse(line ?? '')).toMatchObject({ change: 'added', client: 'Claude Code', standing: 'unwatched' });
  text.process.kill('SIGTERM');
  json.process.kill('SIGTERM');
  expect([await text.ended, await json.ended]).toEqual([0, 0]);
}, 60_000);
