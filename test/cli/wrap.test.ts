import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { readClientDocuments } from '../../src/cli/client-documents.js';
import { readExactly, replaceExactly } from '../../src/cli/exact-file.js';
import { judgeEntry } from '../../src/cli/judge-entry.js';
import { clientPlaces } from '../../src/clients/client-places.js';
import { loadConfig } from '../../src/config/load-config.js';
import { type Bench, createBench } from './world.js';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
  writeFileSync(
    join(bench.folder, 'sealwatch.yaml'),
    JSON.stringify({
      servers: {
        memory: { command: 'npx', args: ['-y', 'server-memory@1.2.3'] },
        plain: { command: '/opt/plain' },
        mail: { command: 'npx', args: ['server-mail'], env: { MAIL_USER: 'ann' } },
        script: { command: 'node', args: ['server.mjs'] },
        module: { command: 'python3', args: ['-m', 'srv'] },
        one: { command: '/opt/twice' },
        two: { command: '/opt/twice' },
      },
    }),
  );
});
afterEach(() => {
  bench.close();
});

const CURSOR = 'home/.cursor/mcp.json';

function path(name: string): string {
  return join(bench.folder, name);
}

function write(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

/** The text of a file, with the folder of the test as `.`. */
function read(name: string): string {
  return readFileSync(path(name), 'utf8').replaceAll(bench.folder, '.');
}

async function sealwatch(...args: readonly string[]): Promise<Awaited<ReturnType<Bench['sealwatch']>>> {
  return await bench.sealwatchWith({ HOME: path('home') }, ...args);
}

const COMMENTED = `\u{feff}// mine
{
\t"other": [1,2 , 3],
\t"mcpServers": {
\t\t/* notes */
\t\t"notes": { "command": "npx", "args": ["-y",
\t\t\t"server-memory@1.2.3"], "type": "stdio", },  // kept
\t\t"plain": {
\t\t\t"command": "/opt/plain" // no arguments
\t\t},
\t},
}`;

test('wrap replaces commands and arguments and keeps everything else', async () => {
  write(CURSOR, COMMENTED);
  chmodSync(path(CURSOR), 0o640);
  const { exitCode, stdout } = await sealwatch('wrap', '--yes');
  expect([exitCode, stdout.replaceAll(bench.folder, '.')]).toEqual([
    0,
    `notes  Cursor ./home/.cursor/mcp.json
- "command": "npx"
- "args": ["-y",
-       "server-memory@1.2.3"]
+ "command": "sealwatch"
+ "args": ["--config", "./sealwatch.yaml", "run", "memory"]

plain  Cursor ./home/.cursor/mcp.json
- "command": "/opt/plain"
+ "command": "sealwatch"
+ "args": ["--config", "./sealwatch.yaml", "run", "plain"]

2 servers wrapped, 0 through Sealwatch before, 0 left, 0 files refused
`,
  ]);
  expect(read(CURSOR)).toBe(`\u{feff}// mine
{
\t"other": [1,2 , 3],
\t"mcpServers": {
\t\t/* notes */
\t\t"notes": { "command": "sealwatch", "args": ["--config", "./sealwatch.yaml", "run", "memory"], "type": "stdio", },  // kept
\t\t"plain": {
\t\t\t"command": "sealwatch",
\t\t\t"args": ["--config", "./sealwatch.yaml", "run", "plain"] // no arguments
\t\t},
\t},
}`);
  expect(read(`${CURSOR}.sealwatch-backup`)).toBe(COMMENTED);
  const files = [CURSOR, `${CURSOR}.sealwatch-backup`, `${CURSOR}.sealwatch-wrapped`];
  expect(files.map((file) => statSync(path(file)).mode & 0o777)).toEqual([0o640, 0o640, 0o640]);
  expect(await sealwatch('discover')).toMatchObject({ exitCode: 0 });
  expect(await sealwatch('wrap')).toMatchObject({
    exitCode: 0,
    stdout: '0 servers wrapped, 2 through Sealwatch before, 0 left, 0 files refused\n',
  });
});

const MEMORY = '{ "command": "npx", "args": ["-y", "server-memory@1.2.3"] }';
const PLAIN = '{ "command": "/opt/plain" }';

test.each<[string, string, string]>([
  ['with comments and a byte order mark', CURSOR, COMMENTED],
  ['on one line', CURSOR, `{"mcpServers":{"a":${PLAIN},"b":${MEMORY}}}`],
  [
    'with line ends of Windows',
    CURSOR,
    `{\r\n  "mcpServers": {\r\n    "a": {\r\n      "command": "/opt/plain"\r\n    }\r\n  }\r\n}\r\n`,
  ],
  ['in a list', 'home/.continue/config.json', `{"mcpServers": [{"name": "a", "command": "/opt/plain", "args": null}]}`],
  [
    'of OpenCode',
    'opencode.json',
    '{"mcp": {"a": {"type": "local", "command": ["npx", "-y", "server-memory@1.2.3"]}}}',
  ],
  ['of OpenCode, second version', 'opencode.json', '{"mcp": {"servers": {"a": {"command": ["/opt/plain"]}}}}'],
  ['of older Zed', 'home/.config/zed/settings.json', '{"context_servers": {"a": {"command": {"path": "/opt/plain"}}}}'],
  ['of a project', '.mcp.json', `{"mcpServers": {"a": ${MEMORY}}}`],
  [
    'with the same variables',
    CURSOR,
    '{"mcpServers": {"m": {"command": "npx", "args": ["server-mail"], "env": {"MAIL_USER": "ann"}}}}',
  ],
])('a file %s goes through Sealwatch, and is itself again', async (_, file, text) => {
  write(file, text);
  expect(await sealwatch('wrap', '--yes')).toMatchObject({ exitCode: 0 });
  expect(read(file)).not.toBe(text);
  const { stdout } = await sealwatch('discover', '--json');
  expect((JSON.parse(stdout) as { servers: readonly { route: string }[] }).servers.map(({ route }) => route)).toContain(
    'through',
  );
  expect(await sealwatch('unwrap', '--yes')).toMatchObject({ exitCode: 0 });
  expect(read(file)).toBe(text);
  expect(readdirSync(dirname(path(file))).filter((name) => name.includes('sealwatch-'))).toEqual([]);
});

test.each<[string, string, string]>([
  [
    'is not in the configuration',
    '{"command": "/opt/other"}',
    'not in ./sealwatch.yaml: add it there, scan and approve it, then wrap again',
  ],
  [
    'has a variable more',
    '{"command": "/opt/plain", "env": {"KEY": "s3cret"}}',
    'its client sets KEY, and the configuration does not: make servers.plain.env of the configuration the same, then wrap again',
  ],
  [
    'has another value',
    '{"command": "npx", "args": ["server-mail"], "env": {"MAIL_USER": "s3cret"}}',
    'its client sets another value for MAIL_USER than the configuration: make servers.mail.env of the configuration the same, then wrap again',
  ],
  [
    'has a file of variables',
    '{"command": "/opt/plain", "envFile": ".env"}',
    'its client reads more variables from a file (envFile): make servers.plain.env of the configuration the same, then wrap again',
  ],
  [
    'has a search path',
    '{"command": "/opt/plain", "env": {"PATH": "/tmp"}}',
    'its PATH can make it run something else than Sealwatch',
  ],
  ['starts elsewhere', '{"command": "/opt/plain", "cwd": "/srv"}', 'its client starts it in another folder than .'],
  [
    'has a variable less',
    '{"command": "npx", "args": ["server-mail"]}',
    'the configuration sets MAIL_USER, and its client does not: make servers.mail.env of the configuration the same, then wrap again',
  ],
  [
    'has a file of whichever folder its client is in',
    '{"command": "node", "args": ["server.mjs"]}',
    'it is named from a folder that its client chooses',
  ],
  [
    'has a module of whichever folder its client is in',
    '{"command": "python3", "args": ["-m", "srv"]}',
    'it is named from a folder that its client chooses',
  ],
  ['could be two', '{"command": "/opt/twice"}', 'one, two start the same: edit it by hand'],
  [
    'is an address',
    '{"url": "https://mcp.example.com/"}',
    'it is an address: point the client at sealwatch gateway instead',
  ],
])('an entry that %s is left as it is', async (_, entry, why) => {
  write(CURSOR, `{"mcpServers": {"a": ${entry}}}`);
  const { exitCode, stdout } = await sealwatch('wrap', '--yes');
  expect(exitCode).toBe(1);
  expect(stdout.replaceAll(bench.folder, '.')).toContain(`  left as it is: ${why}\n`);
  expect(stdout).not.toContain('s3cret');
  expect(read(CURSOR)).toBe(`{"mcpServers": {"a": ${entry}}}`);
  expect(readdirSync(path('home/.cursor'))).toEqual(['mcp.json']);
});

const SCRIPT = '{ "command": "node", "args": ["server.mjs"] }';

test.each<[string, string, string]>([
  ['project/.mcp.json', `{"mcpServers": {"a": ${SCRIPT}}}`, 'project'],
  ['project/.mcp.json', `{"mcpServers": {"a": ${MEMORY}}}`, 'project'],
  ['home/.claude.json', `{"projects": {"/a/b": {"mcpServers": {"a": ${SCRIPT}}}}}`, '.'],
  [CURSOR, '{"mcpServers": {"a": {"command": "node", "args": ["server.mjs"], "cwd": "./here"}}}', '.'],
])('an entry of another project is another server: %s %s', (file, text, folder) => {
  write(file, text);
  mkdirSync(path(folder), { recursive: true });
  const places = clientPlaces({ platform: 'linux', home: path('home'), env: {}, cwd: path(folder) });
  const { documents } = readClientDocuments(places);
  const config = loadConfig({ file: undefined, cwd: bench.folder, env: {}, stateDir: undefined });
  const judge = { config, main: '/opt/sealwatch/dist/main.js', options: [] };
  const verdicts = documents.flatMap(({ entries, json }) => entries.map((entry) => judgeEntry(entry, json, judge)));
  expect(verdicts).toEqual([{ kind: 'left', why: expect.stringMatching(/folder (?:than|that)/) as string }]);
});

test('an entry of the project of the configuration is its server', async () => {
  write('.mcp.json', `{"mcpServers": {"a": ${SCRIPT}, "b": {"command": "node", "args": ["server.mjs"], "cwd": "."}}}`);
  expect(await sealwatch('wrap', '--yes')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('2 servers wrapped') as string,
  });
});

const BOTH = `{"mcpServers": {"a": ${PLAIN}, "b": ${MEMORY}}}`;

test('without --yes and without a terminal nothing is written, nor with --dry-run', async () => {
  write(CURSOR, BOTH);
  expect(await sealwatch('wrap')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('add --yes') as string,
  });
  expect(await sealwatch('wrap', '--dry-run')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('2 servers would be wrapped') as string,
  });
  expect([read(CURSOR), readdirSync(path('home/.cursor'))]).toEqual([BOTH, ['mcp.json']]);
});

test.each<[readonly string[], readonly string[]]>([
  [['cursor'], ['Cursor a', 'Cursor b']],
  [['Claude-Code'], ['Claude Code c']],
  [['plain'], ['Cursor a', 'Claude Code c']],
  [['cursor', 'b'], ['Cursor b']],
])('wrap %j means %j', async (names, expected) => {
  write(CURSOR, BOTH);
  write('.mcp.json', `{"mcpServers": {"c": ${PLAIN}}}`);
  const { stdout } = await sealwatch('wrap', ...names, '--dry-run', '--json');
  const { wrapped } = JSON.parse(stdout) as { wrapped: readonly { client: string; name: string }[] };
  expect(wrapped.map(({ client, name }) => `${client} ${name}`)).toEqual(expected);
});

test('a name of nothing is a mistake', async () => {
  write(CURSOR, BOTH);
  expect(await sealwatch('wrap', 'nobody', '--yes')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('is named "nobody"') as string,
  });
});

test('a second wrap adds to the first, and unwrap undoes both', async () => {
  write(CURSOR, BOTH);
  await sealwatch('wrap', 'a', '--yes');
  expect(await sealwatch('wrap', 'b', '--yes')).toMatchObject({ exitCode: 0 });
  expect(read(CURSOR)).not.toContain('npx');
  await sealwatch('unwrap', '--yes');
  expect(read(CURSOR)).toBe(BOTH);
});

test('in a file that was changed since, only what was wrapped is put back', async () => {
  write(CURSOR, BOTH);
  await sealwatch('wrap', '--yes');
  const wrapped = JSON.parse(readFileSync(path(CURSOR), 'utf8')) as { mcpServers: Record<string, unknown> };
  wrapped.mcpServers['new'] = { command: '/opt/new' };
  write(CURSOR, JSON.stringify(wrapped, undefined, 2));
  expect(await sealwatch('wrap', 'a')).toMatchObject({ exitCode: 0 });
  expect(await sealwatch('unwrap', '--yes')).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(read(CURSOR))).toEqual({
    mcpServers: {
      a: { command: '/opt/plain' },
      b: { command: 'npx', args: ['-y', 'server-memory@1.2.3'] },
      new: { command: '/opt/new' },
    },
  });
  expect(readdirSync(path('home/.cursor'))).toEqual(['mcp.json']);
});

test('an entry that was edited after it was wrapped is left, and the backup stays', async () => {
  write(CURSOR, BOTH);
  await sealwatch('wrap', '--yes');
  write(CURSOR, readFileSync(path(CURSOR), 'utf8').replace('"run", "plain"', '"run", "memory"'));
  const { exitCode, stdout } = await sealwatch('unwrap', '--yes');
  expect([exitCode, stdout]).toEqual([1, expect.stringContaining('1 file put back, 1 server left')]);
  expect(read(CURSOR)).toContain(`"b": ${MEMORY}`);
  expect(read(`${CURSOR}.sealwatch-backup`)).toBe(BOTH);
});

test.each<[string, () => void, string]>([
  [
    'is a symbolic link',
    () => {
      moveAndLink();
    },
    'it is a symbolic link: put the file itself in its place, or edit it by hand',
  ],
  [
    'is not writable',
    () => {
      chmodSync(path(CURSOR), 0o444);
    },
    'it is not writable',
  ],
  [
    'has a backup without a record',
    () => {
      write(`${CURSOR}.sealwatch-backup`, 'x');
    },
    'do not belong together: move them away',
  ],
])('a file that %s is refused', async (_, prepare, why) => {
  write(CURSOR, BOTH);
  prepare();
  const { exitCode, stdout } = await sealwatch('wrap', '--yes');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining(why)]);
  expect(read(CURSOR)).toBe(BOTH);
});

function moveAndLink(): void {
  write('elsewhere.json', BOTH);
  unlinkSync(path(CURSOR));
  symlinkSync(path('elsewhere.json'), path(CURSOR));
}

test('a file that was changed since it was wrapped is not wrapped again before it is unwrapped', async () => {
  write(CURSOR, BOTH);
  await sealwatch('wrap', 'a', '--yes');
  write(CURSOR, `${readFileSync(path(CURSOR), 'utf8')}\n`);
  const { exitCode, stdout } = await sealwatch('wrap', '--yes');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('run sealwatch unwrap first')]);
});

test('a backup of other bytes is not put back', async () => {
  write(CURSOR, BOTH);
  await sealwatch('wrap', '--yes');
  write(`${CURSOR}.sealwatch-backup`, '{"mcpServers": {"a": {"command": "/tmp/evil"}}}');
  const { exitCode, stdout } = await sealwatch('unwrap', '--yes');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('do not belong together')]);
  expect(read(CURSOR)).not.toContain('evil');
});

test('unwrap shows what it puts back, and writes nothing with --dry-run', async () => {
  write(CURSOR, `{"mcpServers": {"a": ${PLAIN}}}`);
  await sealwatch('wrap', '--yes');
  const wrapped = read(CURSOR);
  const { exitCode, stdout } = await sealwatch('unwrap', '--dry-run');
  expect([exitCode, stdout.replaceAll(bench.folder, '.')]).toEqual([
    0,
    `a  Cursor ./home/.cursor/mcp.json
  becomes byte for byte what it was before
- "command": "sealwatch"
- "args": ["--config", "./sealwatch.yaml", "run", "plain"]
+ "command": "/opt/plain"

1 file would be put back, 0 servers left, 0 files refused
`,
  ]);
  expect(read(CURSOR)).toBe(wrapped);
});

test('a record and a backup that somebody has made up, of more than was replaced, are not put back', async () => {
  write(CURSOR, BOTH);
  await sealwatch('wrap', 'a', '--yes');
  const forged = BOTH.replace('npx', '/tmp/evil');
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const record = readFileSync(path(`${CURSOR}.sealwatch-wrapped`), 'utf8');
  write(`${CURSOR}.sealwatch-wrapped`, record.replace(sha256(BOTH), sha256(forged)));
  write(`${CURSOR}.sealwatch-backup`, forged);
  const { exitCode, stdout } = await sealwatch('unwrap', '--yes');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('differs in more than what was replaced')]);
  expect(read(CURSOR)).not.toContain('evil');
});

test('a file that changes between reading and writing is left', () => {
  write(CURSOR, BOTH);
  const before = readExactly(path(CURSOR));
  write(CURSOR, '{}');
  expect(before.kind === 'read' && replaceExactly(path(CURSOR), before, Buffer.from('x'))).toBe(
    'it was changed meanwhile',
  );
  expect([read(CURSOR), existsSync(path(`${CURSOR}.sealwatch-new`))]).toEqual(['{}', false]);
});

test.each<[string, string]>([
  ['home/.codex/config.toml', '[mcp_servers.a]\ncommand = "/opt/plain"\n'],
  ['home/.continue/config.yaml', 'mcpServers:\n  - name: a\n    command: /opt/plain\n'],
])('%s is to be edited by hand', async (file, text) => {
  write(file, text);
  const { exitCode, stdout } = await sealwatch('wrap', '--yes');
  expect([exitCode, stdout.replaceAll(bench.folder, '.')]).toEqual([
    1,
    expect.stringContaining('  command "sealwatch"\n  args    ["--config", "./sealwatch.yaml", "run", "plain"]\n'),
  ]);
  expect(read(file)).toBe(text);
  write(
    file,
    text
      .replace('/opt/plain', 'sealwatch')
      .replace(/\n$/, text.includes('[mcp') ? '\nargs = ["run", "plain"]\n' : '\n    args: [run, plain]\n'),
  );
  expect(await sealwatch('unwrap')).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('edit it by hand') as string,
  });
});
