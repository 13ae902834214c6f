import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { readChoice } from '../../src/cli/choose.js';
import { type Bench, createBench } from './world.js';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const S3CRET = 's3cret-0123456789-0123456789';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => {
  spawnSync('tmux', ['-S', join(bench.folder, 'tmux'), 'kill-server']);
  bench.close();
});

function write(path: string, content: unknown): void {
  const file = join(bench.folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

async function init(...args: readonly string[]): Promise<Awaited<ReturnType<Bench['sealwatch']>>> {
  return await bench.sealwatchWith({ HOME: join(bench.folder, 'home') }, 'init', ...args);
}

function written(): string {
  return readFileSync(join(bench.folder, 'sealwatch.yaml'), 'utf8');
}

/** Would leave a trace if it were started. */
const TRACE = ['-e', 'require("fs").writeFileSync("started", "")'];

function clients(): void {
  write('home/.cursor/mcp.json', {
    mcpServers: {
      memory: { command: 'npx', args: ['-y', 'server-memory@1.2.3'] },
      github: { command: process.execPath, args: TRACE, env: { GITHUB_TOKEN: S3CRET } },
      old: { command: 'npx', args: ['other'], disabled: true },
      strange: {},
    },
  });
  write('home/.codeium/windsurf/mcp_config.json', {
    mcpServers: { knowledge: { command: 'npx', args: ['-y', 'server-memory@1.2.3'] } },
  });
  write('.mcp.json', {
    mcpServers: {
      github: { url: `https://mcp.example.com/mcp?key=${S3CRET}`, headers: { Authorization: `Bearer ${S3CRET}` } },
    },
  });
}

test('every server of the clients stands in the configuration once, without secrets, and none was started', async () => {
  clients();
  const { exitCode, stdout } = await init('--from-clients', '--project');
  expect(exitCode).toBe(1);
  expect(stdout.replaceAll(bench.folder, '.').replaceAll(process.execPath, 'node')).toContain(`Wrote ./sealwatch.yaml
Created the store in ./.sealwatch
Left out strange: it has neither a command nor an address
  memory  pkg:npm/server-memory@1.2.3
     Cursor (user) ./home/.cursor/mcp.json
     Windsurf (user) ./home/.codeium/windsurf/mcp_config.json
  github  node
     takes from the environment: GITHUB_TOKEN
     Cursor (user) ./home/.cursor/mcp.json
  github-2  https://mcp.example.com/mcp
     takes from the environment: GITHUB_2_AUTHORIZATION, GITHUB_2_KEY
     Claude Code (project) ./.mcp.json
To be set in the environment first: GITHUB_2_AUTHORIZATION, GITHUB_2_KEY, GITHUB_TOKEN
`);
  expect(written().replaceAll(bench.folder, '.').replaceAll(process.execPath, 'node')).toContain(`
servers:
  # Cursor (user), Windsurf (user)
  memory:
    command: npx
    args:
      - -y
      - server-memory@1.2.3

  # Cursor (user)
  github:
    command: node
    args:
      - -e
      - require("fs").writeFileSync("started", "")
    env:
      GITHUB_TOKEN: \${GITHUB_TOKEN}

  # Claude Code (project) ./.mcp.json
  github-2:
    url: https://mcp.example.com/mcp?key=\${GITHUB_2_KEY}
    headers:
      Authorization: Bearer \${GITHUB_2_AUTHORIZATION}

  # An entry of your client's`);
  expect(stdout + written()).not.toContain('s3cret');
  expect(existsSync(join(bench.folder, 'started'))).toBe(false);
  const variables = { GITHUB_TOKEN: 'x', GITHUB_2_KEY: 'x', GITHUB_2_AUTHORIZATION: 'x' };
  const checked = await bench.sealwatchWith(variables, 'config', 'check', '--json');
  expect(JSON.parse(checked.stdout)).toMatchObject({
    exitCode: 0,
    servers: [{ id: 'memory' }, { id: 'github' }, { id: 'github-2' }],
  });
});

test.each<[readonly string[], readonly string[], number]>([
  [['--client', 'cursor'], ['memory', 'github'], 1],
  [['--client', 'claude-code'], ['github'], 0],
  [['--server', 'github'], ['github', 'github-2'], 0],
  [['--server', 'knowledge', '--server', 'old'], ['old', 'memory'], 0],
  [['--client', 'cursor', '--server', 'github'], ['github'], 0],
  [['--server', 'strange'], [], 1],
  [['--from-clients'], ['memory', 'github'], 1],
  [['--project'], ['memory', 'github', 'github-2'], 1],
])('with %j these are written: %j', async (options, ids, expected) => {
  clients();
  const { exitCode, stdout } = await init(...options, '--json');
  const { servers } = JSON.parse(stdout) as { readonly servers: readonly { readonly id: string }[] };
  expect([exitCode, servers.map(({ id }) => id).sort()]).toEqual([expected, [...ids].sort()]);
});

test('as JSON', async () => {
  clients();
  const { stdout } = await init('--client', 'claude-code', 'windsurf', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    exitCode: 0,
    configWritten: true,
    servers: [
      { id: 'memory', names: ['memory', 'knowledge'], runs: 'pkg:npm/server-memory@1.2.3', needs: [] },
      { id: 'github', names: ['github'], needs: ['GITHUB_AUTHORIZATION', 'GITHUB_KEY'] },
    ],
    notWritten: [],
    left: [],
    unset: ['GITHUB_AUTHORIZATION', 'GITHUB_KEY'],
    unreadable: [],
  });
  expect(stdout).not.toContain('s3cret');
});

test('without a terminal nothing is taken from clients unless that is asked for', async () => {
  clients();
  const { exitCode, stdout } = await init('--json');
  expect([exitCode, Object.keys(JSON.parse(stdout) as object)]).toEqual([
    0,
    ['exitCode', 'config', 'configWritten', 'stateDir', 'storeCreated'],
  ]);
  expect(written()).not.toContain('github:');
});

test('a name of nothing that is there, and options that contradict each other, write nothing', async () => {
  clients();
  expect(await init('--server', 'nope')).toMatchObject({ exitCode: 3 });
  expect((await init('--client', 'zed')).stderr).toContain('error NOT_FOUND');
  expect((await init('--no-discover', '--from-clients')).stderr).toContain('error USAGE');
  expect(existsSync(join(bench.folder, 'sealwatch.yaml'))).toBe(false);
});

test('a configuration that is there keeps its bytes, and what it lacks is printed', async () => {
  clients();
  const before = 'servers: { memory: { command: npx, args: [-y, server-memory@1.2.3] }, github: { command: x } }\n';
  write('sealwatch.yaml', before);
  const { exitCode, stdout } = await init('--project');
  expect([exitCode, written()]).toEqual([1, before]);
  expect(stdout).toContain('To be added to it by hand:\n  # Cursor (user)\n  github-2:\n');
  expect(stdout).toContain('  github-3:\n    url: https://mcp.example.com/mcp?key=${GITHUB_3_KEY}\n');
  expect(stdout).not.toContain('  memory:');
});

test('an entry that reads the variable of a secret that another one writes out does not get it', async () => {
  write('home/.cursor/mcp.json', { mcpServers: { lit: { command: 'x', env: { API_KEY: S3CRET, LIT_PIN: S3CRET } } } });
  const headers = { 'X-A': '${API_KEY}', 'X-B': '${LIT_API_KEY}', 'X-C': '${LIT_PIN:-x}' };
  write('.mcp.json', { mcpServers: { thief: { url: 'https://a.example/', headers } } });
  await init('--server', 'lit', 'thief');
  expect(written()).toContain('      API_KEY: ${LIT_API_KEY_2}\n      LIT_PIN: ${LIT_LIT_PIN}\n');
  expect(written()).toContain('      X-A: ${API_KEY}\n      X-B: ${LIT_API_KEY}\n      X-C: ${LIT_PIN}\n');
});

test('nor does one that is in the configuration already', async () => {
  write('sealwatch.yaml', 'servers: { there: { url: "https://a.example/?q=${LIT_API_KEY:-x}" } }\n');
  write('home/.cursor/mcp.json', { mcpServers: { lit: { command: 'x', env: { API_KEY: S3CRET } } } });
  expect((await init('--server', 'lit')).stdout).toContain('API_KEY: ${LIT_API_KEY_2}\n');
});

test('a command of more than one word is taken only where it is a file', async () => {
  write('my server', '');
  const mcpServers = { file: { command: join(bench.folder, 'my server') }, line: { command: 'TOKEN=hunter npx x' } };
  write('home/.cursor/mcp.json', { mcpServers });
  const { stdout } = await init('--from-clients');
  expect(stdout).toContain('Left out line: its command has more than one word, and is no file\n');
  expect(written()).toContain('\n  file:\n');
  expect(stdout + written()).not.toContain('hunter');
});

test('what only a file of a cloned repository names is told and not taken, with the variables that it reads', async () => {
  const mcpServers = { docs: { url: 'https://a.example/mcp?q=${AWS_SECRET_ACCESS_KEY}' } };
  write('.mcp.json', { mcpServers });
  const env = { HOME: join(bench.folder, 'home'), AWS_SECRET_ACCESS_KEY: S3CRET };
  const { exitCode, stdout } = await bench.sealwatchWith(env, 'init', '--from-clients');
  expect([exitCode, stdout.replaceAll(bench.folder, '.')]).toEqual([
    0,
    expect.stringContaining(`
Not taken, as only a file of a project names it: docs
     takes from the environment: AWS_SECRET_ACCESS_KEY (set)
     Claude Code (project) ./.mcp.json
--project takes these too, --server NAME one of them: read the file first
`),
  ]);
  expect(written()).not.toContain('AWS_SECRET_ACCESS_KEY');
});

test.runIf(process.getuid?.() === 0)('a file of a project that somebody else owns is refused', async () => {
  write('.mcp.json', { mcpServers: { docs: { url: 'https://a.example/mcp' } } });
  chownSync(join(bench.folder, '.mcp.json'), 65534, 65534);
  const { exitCode, stdout } = await init('--project');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('.mcp.json: it belongs to somebody else\n')]);
});

test('what differs from the configuration in folder or variables is not taken for what is there', async () => {
  write('sealwatch.yaml', 'servers: { there: { command: node, args: [server.mjs], env: { A: "1" } } }\n');
  const entry = { command: 'node', args: ['server.mjs'], env: { A: '1' } };
  write('.mcp.json', {
    mcpServers: {
      same: entry,
      moved: { ...entry, cwd: '/elsewhere' },
      evil: { ...entry, env: { A: '1', NODE_OPTIONS: '--import=./evil.mjs' } },
      less: { ...entry, env: {} },
    },
  });
  const { stdout } = await init('--project', '--json');
  const { notWritten, skipped } = JSON.parse(stdout) as Readonly<
    Record<string, readonly { readonly names: unknown }[]>
  >;
  expect(notWritten?.map(({ names }) => names)).toEqual([['moved'], ['evil'], ['less']]);
  expect(skipped).toMatchObject([{ names: ['same'], why: 'the configuration has it, as there' }]);
});

test('neither another transport nor a part of the variables is the same', async () => {
  const address = 'https://a.example/mcp';
  const remote = `{ type: sse, url: "${address}", headers: { A: "1" } }`;
  const program = '{ command: node, args: [/s.mjs], env: { A: "1", NODE_OPTIONS: "--trace-warnings" } }';
  write('sealwatch.yaml', `servers: { remote: ${remote}, program: ${program} }\n`);
  const headers = { A: '1' };
  const entry = { command: 'node', args: ['/s.mjs'] };
  write('.mcp.json', {
    mcpServers: {
      sse: { type: 'sse', url: address, headers },
      newer: { url: address, headers },
      whole: { ...entry, env: { A: '1', NODE_OPTIONS: '--trace-warnings' } },
      part: { ...entry, env: { NODE_OPTIONS: '--trace-warnings' } },
    },
  });
  const { stdout } = await init('--project', '--json');
  const { notWritten, skipped } = JSON.parse(stdout) as Readonly<
    Record<string, readonly { readonly names: unknown }[]>
  >;
  expect([notWritten, skipped].map((some) => some?.map(({ names }) => names))).toEqual([
    [['newer'], ['part']],
    [['sse'], ['whole']],
  ]);
});

test('a file of more than 500 servers is told, and not gone through', async () => {
  write('.mcp.json', {
    mcpServers: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`s${n}`, { command: 'x' }])),
  });
  const { exitCode, stdout } = await init('--project');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('it names more than 500 servers\n')]);
});

test('a file that cannot be read is told, and is not taken for one without servers', async () => {
  clients();
  write('.mcp.json', '{ "mcpServers": s3cret }');
  const { exitCode, stdout } = await init('--server', 'memory');
  expect(exitCode).toBe(2);
  expect(stdout).toContain(`Claude Code: cannot read ${join(bench.folder, '.mcp.json')}: not JSON`);
  expect(written()).toContain('  memory:\n');
});

test('names and commands of a hostile file stay data in the configuration', async () => {
  write('.mcp.json', {
    mcpServers: {
      'x: { command: evil }\n#': {
        command: 'a\n  evil: { command: evil }',
        args: ['$&', "$'", '# x', '!!js/x', '{port}'],
      },
      __proto__x: { command: 'b', args: ['${'] },
      remote: { url: 'http://mcp.example.com/mcp' },
      'y\u202e': { command: 'c' },
    },
  });
  const { exitCode, stdout } = await init('--from-clients', '--project', '--json');
  const result = JSON.parse(stdout) as { readonly left: readonly { readonly why: string }[] };
  expect([exitCode, result.left.map(({ why }) => why)]).toEqual([
    1,
    [
      'it has characters that cannot be seen',
      'only its client knows one of its variables',
      'a configuration cannot have it as it is, such as plain http to another machine: add it by hand, and `sealwatch config check` says why',
    ],
  ]);
  const checked = await bench.sealwatch('config', 'check', '--json');
  expect(JSON.parse(checked.stdout)).toMatchObject({ servers: [{ id: 'y' }] });
});

test.each([
  ['', []],
  ['none', []],
  ['all', 'all'],
  ['2', [2]],
  [' 4, 1-2 ', [1, 2, 4]],
  ['5', undefined],
  ['0', undefined],
  ['3-2', undefined],
  ['1, github', undefined],
])('of four, the answer %j means %j', (answer, numbers) => {
  expect(readChoice(answer, 4)).toEqual(numbers);
});

/** A terminal of its own; where there is none, that is a failure in continuous integration. */
const hasTmux = spawnSync('tmux', ['-V']).status === 0 || process.env['CI'] === 'true';

test.runIf(hasTmux)(
  'at a terminal a person is shown what there is, and chooses by number',
  async () => {
    clients();
    const tmux = (...args: readonly string[]): string =>
      execFileSync('tmux', ['-S', join(bench.folder, 'tmux'), ...args], { encoding: 'utf8' });
    const shows = async (text: string | RegExp): Promise<void> => {
      await expect.poll(() => tmux('capture-pane', '-p', '-t', 'w'), { timeout: 20_000, interval: 100 }).toMatch(text);
    };
    const command = `cd ${bench.folder} && HOME=${join(bench.folder, 'home')} ${process.execPath} ${MAIN} init; echo ended $?; cat`;
    tmux('new-session', '-d', '-s', 'w', '-x', '100', '-y', '45', command);
    await shows(/The clients on this machine name 5 servers:/);
    await shows(/1 {2}memory, knowledge {2}pkg:npm\/server-memory@1\.2\.3/);
    await shows(/2 {2}github .*\n +takes from the environment: GITHUB_TOKEN/);
    await shows(/3 {2}old {2}pkg:npm\/other\n +Cursor \(user, off\)/);
    await shows(/– {2}strange {2}unknown\n +cannot be taken: it has neither a command nor an address/);
    await shows(/Which ones\?/);
    tmux('send-keys', '-t', 'w', '1,9', 'Enter');
    await shows(/not understood: write numbers from 1 to 4/);
    tmux('send-keys', '-t', 'w', '1,4', 'Enter');
    await shows(/ended 0/);
    await shows(/To be set in the environment first: GITHUB_AUTHORIZATION, GITHUB_KEY/);
    expect(written()).toContain('  memory:\n');
    expect(written()).toContain('  github:\n    url:');
    expect(written()).not.toContain('\n  old:');
    expect(existsSync(join(bench.folder, 'started'))).toBe(false);
  },
  60_000,
);
