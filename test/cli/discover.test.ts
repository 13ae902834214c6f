import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Bench, createBench } from './world.js';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => {
  bench.close();
});

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

function write(path: string, content: unknown): void {
  const file = join(bench.folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

async function discover(...args: readonly string[]): Promise<Awaited<ReturnType<Bench['sealwatch']>>> {
  return await bench.sealwatchWith({ HOME: join(bench.folder, 'home') }, 'discover', ...args);
}

interface Found {
  readonly servers: readonly Readonly<Record<string, unknown>>[];
  readonly unreadable: readonly unknown[];
}

async function discovered(): Promise<Found & { readonly exitCode: number | null }> {
  const { exitCode, stdout } = await discover('--json');
  return { ...(JSON.parse(stdout) as Found), exitCode };
}

/** One server in Cursor's file. */
function cursor(entry: unknown): void {
  write('home/.cursor/mcp.json', { mcpServers: { it: entry } });
}

test('without clients there is nothing to tell', async () => {
  expect(await discover()).toMatchObject({
    exitCode: 0,
    stdout: '0 servers in 0 files; 0 around Sealwatch, 0 files not read\n',
  });
});

test('one server that several clients name is one entry', async () => {
  const entry = { command: 'npx', args: ['-y', 'server-memory@1.2.3'] };
  cursor(entry);
  write('.mcp.json', { mcpServers: { memory: entry } });
  expect(await discovered()).toMatchObject({
    exitCode: 1,
    servers: [
      {
        names: ['it', 'memory'],
        runs: 'pkg:npm/server-memory@1.2.3',
        route: 'around',
        why: 'the client starts it itself',
        uses: [
          { client: 'Cursor', scope: 'user', file: join(bench.folder, 'home/.cursor/mcp.json'), name: 'it' },
          { client: 'Claude Code', scope: 'project', file: join(bench.folder, '.mcp.json'), name: 'memory' },
        ],
      },
    ],
  });
});

test('as text', async () => {
  bench.configure(['github'], { policy: { allowlist: [{ package: 'pkg:npm/server-memory' }] } });
  write('home/.cursor/mcp.json', {
    mcpServers: {
      github: { command: 'sealwatch', args: ['run', 'github'] },
      mail: { url: 'https://mcp.example.com/mcp' },
      old: { command: 'npx', args: ['server-memory'], disabled: true },
    },
  });
  const { exitCode, stdout } = await discover();
  expect([exitCode, stdout.replaceAll(bench.folder, '.')]).toEqual([
    1,
    `github  sealwatch
  through Sealwatch: github
  Cursor (user) ./home/.cursor/mcp.json

mail  https://mcp.example.com/mcp
  around Sealwatch: the client connects to it itself; not in the configuration
  not allowed: its address is not on the allowlist
  Cursor (user) ./home/.cursor/mcp.json

old  pkg:npm/server-memory
  around Sealwatch: the client starts it itself; not in the configuration
  Cursor (user, off) ./home/.cursor/mcp.json

3 servers in 1 file; 1 around Sealwatch, 0 files not read
`,
  ]);
});

test.each<[unknown, string | null]>([
  [{ command: 'sealwatch', args: ['run', 'github'] }, null],
  [{ command: 'sealwatch', args: ['gateway', '--stdio'] }, null],
  [{ command: 'npx', args: ['-y', 'sealwatch', '--quiet', 'run', 'github'] }, null],
  [{ command: 'node', args: [MAIN, 'run', 'github'] }, null],
  [{ url: 'http://127.0.0.1:8471/mcp' }, null],
  [{ url: 'http://localhost:8471/servers/github/mcp' }, null],
  [
    { command: 'sealwatch', args: ['run', 'other'] },
    'it is Sealwatch for a server that the configuration does not have',
  ],
  [
    { command: 'sealwatch', args: ['--config', '/tmp/other.yaml', 'run', 'github'] },
    'it is Sealwatch with another configuration or store',
  ],
  [
    { command: 'sealwatch', args: ['--state-dir=/tmp/other', 'run', 'github'] },
    'it is Sealwatch with another configuration or store',
  ],
  [{ command: '/tmp/evil/sealwatch', args: ['run', 'github'] }, 'it is named like Sealwatch and another program'],
  [
    { command: 'sealwatch', args: ['run', 'github'], env: { PATH: '/tmp/evil' } },
    'its variables can make it run something else than Sealwatch',
  ],
  [{ command: 'sealwatch', args: ['run', 'github', '--anything'] }, 'the client starts it itself'],
  [
    { command: 'npx', args: ['--registry=https://evil.example', 'sealwatch', 'run', 'github'] },
    'the client starts it itself',
  ],
  [{ url: 'http://127.0.0.1:8471@evil.example/mcp' }, 'the client connects to it itself'],
  [{ url: 'http://127.0.0.1:8471/mcp/../other' }, 'the client connects to it itself'],
  [{ command: 'cmd', args: ['/c', 'sealwatch', 'run', 'github'] }, 'the client starts it itself'],
  [{ url: 'http://127.0.0.1:8472/mcp' }, 'the client connects to it itself'],
  [{ url: 'http://127.0.0.1:8471/servers/other/mcp' }, 'the client connects to it itself'],
  [{}, 'it has neither a command nor an address'],
])('%j goes around Sealwatch because: %s', async (entry, why) => {
  bench.configure(['github']);
  cursor(entry);
  expect(await discovered()).toMatchObject({ exitCode: why === null ? 0 : 1, servers: [{ why }] });
});

test('the public address of the gateway is the gateway, and one that begins alike is not', async () => {
  bench.configure(['github'], { gateway: { publicUrl: 'http://localhost:9000/in' } });
  write('home/.cursor/mcp.json', {
    mcpServers: { a: { url: 'http://localhost:9000/in/mcp' }, b: { url: 'http://localhost:9000/inner/mcp' } },
  });
  expect(await discovered()).toMatchObject({ servers: [{ route: 'through' }, { route: 'around' }] });
});

test('without a configuration, everything goes around it', async () => {
  cursor({ command: 'sealwatch', args: ['run', 'github'] });
  expect(await discovered()).toMatchObject({
    exitCode: 1,
    servers: [{ why: 'it is Sealwatch without a configuration that is found here' }],
  });
});

test('a server of the configuration that a client starts itself is told as watched', async () => {
  write('sealwatch.yaml', { servers: { memory: { command: 'npx', args: ['server-memory'] } } });
  cursor({ command: 'npx', args: ['server-memory'] });
  expect(await discovered()).toMatchObject({ exitCode: 1, servers: [{ route: 'around', configured: 'memory' }] });
});

test('the same words in another folder, or with a variable that loads other code, are not told as watched', async () => {
  const script = { command: 'node', args: ['server.mjs'] };
  write('sealwatch.yaml', { servers: { script, elsewhere: { ...script, args: ['a.mjs'], cwd: 'elsewhere' } } });
  write('.mcp.json', {
    mcpServers: {
      here: script,
      loaded: { ...script, env: { NODE_OPTIONS: '--import=./evil.mjs' } },
      file: { ...script, envFile: '.env' },
      token: { ...script, env: { TOKEN: 'a' } },
      elsewhere: { command: 'node', args: ['a.mjs'] },
    },
  });
  const { servers } = await discovered();
  expect(servers.map(({ names, configured }) => [names, configured])).toEqual([
    [['here'], 'script'],
    [['loaded'], null],
    [['file'], null],
    [['token'], 'script'],
    [['elsewhere'], null],
  ]);
  const { stdout } = await discover();
  expect(stdout).toContain('not watched, unlike script: its client sets NODE_OPTIONS, and the configuration does not');
});

test.each<[unknown, string | null]>([
  [{ command: 'npx', args: ['-y', 'server-memory'] }, null],
  [{ url: 'https://mcp.example.com/a' }, null],
  [{ command: 'npx', args: ['other'] }, 'the allowlist does not allow it: "pkg:npm/other" is not on it'],
  [{ command: 'npx', args: ['server-memory'], env: { NODE_OPTIONS: '' } }, 'it cannot be told what it runs'],
  [
    { command: 'npx', args: ['server-memory'], envFile: '.env' },
    'variables from a file could make it run something else',
  ],
  [{ command: 'node', args: ['server.js'] }, 'it is named from a folder that the client chooses'],
])('of %j the allowlist says: %s', async (entry, reason) => {
  const allowlist = [{ package: 'pkg:npm/server-memory' }, { origin: 'https://mcp.example.com' }];
  write('sealwatch.yaml', { policy: { allowlist } });
  cursor(entry);
  expect(await discovered()).toMatchObject({ servers: [{ refused: reason }] });
});

test('a file that cannot be read outweighs everything, and its text is not repeated', async () => {
  cursor({ command: 'x' });
  write('.mcp.json', '{ "mcpServers": s3cret }');
  symlinkSync('.', join(bench.folder, 'opencode.json'));
  const { exitCode, stdout } = await discover();
  expect(exitCode).toBe(2);
  expect(stdout).toContain(`cannot read ${join(bench.folder, '.mcp.json')}: not JSON: InvalidSymbol in line 1`);
  expect(stdout).toContain(`cannot read ${join(bench.folder, 'opencode.json')}: it is no file`);
  expect(stdout).not.toContain('s3cret');
});

test('blocks of Continue and profiles of VS Code are found in their folders', async () => {
  write('.continue/mcpServers/a.yaml', 'mcpServers:\n  - { name: a, command: one }\n');
  write('home/.config/Code/User/profiles/x/mcp.json', { servers: { b: { command: 'two' } } });
  const { servers } = await discovered();
  expect(servers.map(({ runs }) => runs)).toEqual(['two', 'one']);
});

test('no value of a variable, a header, an argument or a query is printed', async () => {
  write('sealwatch.yaml', { policy: { allowlist: [] } });
  const s3cret = 's3cret-0123456789-0123456789';
  write('home/.cursor/mcp.json', {
    mcpServers: {
      a: { command: 'npx', args: ['mcp-remote', `--header=${s3cret}`, `--token=${s3cret}`], env: { TOKEN: s3cret } },
      b: { url: `https://u:${s3cret}@mcp.example.com/s/${s3cret}/mcp?key=${s3cret}`, headers: { A: s3cret } },
      c: { command: 'docker', args: ['run', '-e', `TOKEN=${s3cret}`, 'image'] },
      d: { command: 'bash', args: ['-c', `TOKEN=${s3cret} npx x`] },
      e: { command: 'x', env: s3cret },
      f: { command: 'cmd', args: ['/c', `set TOKEN=${s3cret}&& npx x`] },
    },
  });
  for (const args of [[], ['--json']]) {
    const { stdout, stderr } = await discover(...args);
    expect(stdout + stderr).toContain('mcp.example.com');
    expect(stdout + stderr).not.toContain('s3cret');
  }
});

test('a name that would deceive a terminal is made visible', async () => {
  write('home/.cursor/mcp.json', { mcpServers: { 'a\u001b[2Kb': { command: 'x\u202e' } } });
  const { stdout } = await discover();
  expect(stdout).toContain('a\\u{1b}[2Kb  x\\u{202e}');
});
