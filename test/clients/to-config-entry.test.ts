import { expect, test } from 'vitest';

import type { ClientName } from '../../src/clients/client.js';
import { groupEntries } from '../../src/clients/group-entries.js';
import { type ClientEntry, readClientEntries } from '../../src/clients/read-client-file.js';
import { toConfigEntry } from '../../src/clients/to-config-entry.js';
import { createVariableNames } from '../../src/clients/variable-names.js';

const AT: Readonly<Partial<Record<ClientName, readonly string[]>>> = { Codex: ['mcp_servers'], OpenCode: ['mcp'] };

function entryOf(entry: unknown, client: ClientName = 'Cursor', file = '/home/me/.cursor/mcp.json'): ClientEntry {
  const at = AT[client] ?? ['mcpServers'];
  const scope = file.startsWith('/projects/') ? 'project' : 'user';
  const text = JSON.stringify({ [at[0] ?? '']: { it: entry } });
  const reading = readClientEntries(text, file, { client, scope, at, where: { kind: 'file', path: file } });
  const [first] = reading.kind === 'read' ? reading.entries : [];
  if (first === undefined) throw new Error(JSON.stringify(reading));
  return first;
}

function taken(entry: unknown, client?: ClientName, file?: string): unknown {
  const names = createVariableNames({ IT_USED: 'otherwise' }, new Set(['IT_READ']));
  const result = toConfigEntry(entryOf(entry, client, file), { id: 'it', folder: '/projects/here', names });
  return result.kind === 'taken' ? result.entry : result.why;
}

test.each<[unknown, unknown]>([
  [
    { command: 'npx', args: ['-y', 'server-memory@1.2.3'] },
    { command: 'npx', args: ['-y', 'server-memory@1.2.3'] },
  ],
  [
    {
      command: 'x',
      env: { GITHUB_TOKEN: 'hunter', LOG_LEVEL: 'debug', PORT: 3000, DATA: '/home/me/data', CODE: 'a9%k' },
    },
    {
      command: 'x',
      args: [],
      env: {
        GITHUB_TOKEN: '${IT_GITHUB_TOKEN}',
        LOG_LEVEL: 'debug',
        PORT: '3000',
        DATA: '/home/me/data',
        CODE: '${IT_CODE}',
      },
    },
  ],
  // What is set already under that name is something else.
  [
    { command: 'x', env: { USED: 's3cret' } },
    { command: 'x', args: [], env: { USED: '${IT_USED_2}' } },
  ],
  // What another entry reads is not what this one keeps.
  [
    { command: 'x', env: { READ: 's3cret' } },
    { command: 'x', args: [], env: { READ: '${IT_READ_2}' } },
  ],
  [
    { command: 'x', env: { IT_TOKEN: 's3cret' } },
    { command: 'x', args: [], env: { IT_TOKEN: '${IT_TOKEN}' } },
  ],
  [
    { command: 'x', env: { TOKEN: '${MY_TOKEN}', OTHER: '${env:OTHER:-s3cret}', URL: 'https://${HOST}' } },
    { command: 'x', args: [], env: { TOKEN: '${MY_TOKEN}', OTHER: '${OTHER}', URL: '${IT_URL}' } },
  ],
  [
    { command: 'x', env: { TOKEN: '${input:token}' } },
    { command: 'x', args: [], env: { TOKEN: '${IT_TOKEN}' } },
  ],
  [
    { command: 'x', args: ['--api-key', 's3cret', '--token=s3cret', '--header', 'Authorization: Bearer s3cret'] },
    {
      command: 'x',
      args: [
        '--api-key',
        '${IT_API_KEY}',
        '--token=${IT_TOKEN}',
        '--header',
        'Authorization: Bearer ${IT_AUTHORIZATION}',
      ],
    },
  ],
  [
    {
      command: 'docker',
      args: ['run', '-e', 'PIN_CODE=a9%k', '-e', 'TOKEN', 'mcp/x@sha256:0123456789abcdef0123456789abcdef'],
    },
    {
      command: 'docker',
      args: ['run', '-e', 'PIN_CODE=${IT_PIN_CODE}', '-e', 'TOKEN', 'mcp/x@sha256:0123456789abcdef0123456789abcdef'],
    },
  ],
  [
    { command: 'bash', args: ['-c', 'API_KEY="s3cret" npx x'] },
    { command: 'bash', args: ['-c', 'API_KEY=${IT_API_KEY} npx x'] },
  ],
  [
    { command: 'x', args: ['postgres://me:s3cret@db.example.com/app', 'ghp_0123456789abcdefghij'] },
    { command: 'x', args: ['postgres://${IT_LOGIN}@db.example.com/app', '${IT_ARGUMENT_2}'] },
  ],
  [
    {
      url: 'https://mcp.example.com/s/0123456789abcdef01/mcp?key=s3cret&mode=fast',
      headers: { Authorization: 'Bearer s3cret', 'X-Mode': 'fast' },
    },
    {
      url: 'https://mcp.example.com/s/${IT_PATH_2}/mcp?key=${IT_KEY}&mode=fast',
      headers: { Authorization: 'Bearer ${IT_AUTHORIZATION}', 'X-Mode': 'fast' },
    },
  ],
  [
    { command: 'docker', args: ['run', '--env=API_SECRET=s3cret', '--env=MODE=fast', 'x'] },
    { command: 'docker', args: ['run', '--env=API_SECRET=${IT_API_SECRET}', '--env=MODE=fast', 'x'] },
  ],
  [
    { command: 'cmd', args: ['/c', 'set TOKEN=s3cret&& npx x'] },
    { command: 'cmd', args: ['/c', 'set TOKEN=${IT_TOKEN}&& npx x'] },
  ],
  [
    {
      command: 'x',
      args: ['--config', '{"apiKey":"s3cret"}', '--auth', '-S3cret', '/password:s3cret', '--auth', '--fast'],
    },
    {
      command: 'x',
      args: ['--config', '${IT_ARGUMENT_2}', '--auth', '${IT_AUTH}', '${IT_ARGUMENT_5}', '--auth', '--fast'],
    },
  ],
  [
    { command: 'x', args: ['--pw', 'S3cr3t!x', '-u', 'admin:Passw0rd', '--creds', 'bob:builder1', '-pHunter22'] },
    {
      command: 'x',
      args: ['--pw', '${IT_PW}', '-u', 'admin:${IT_PASSWORD}', '--creds', '${IT_CREDS}', '-p${IT_PASSWORD_2}'],
    },
  ],
  [
    {
      command: 'x',
      args: ['-phunter', '-uadmin:x', '--user=me:x', '-p', '80:80', '-p80:80/tcp', '--user', '1000:1000'],
    },
    {
      command: 'x',
      args: [
        '-p${IT_PASSWORD}',
        '-uadmin:${IT_PASSWORD_2}',
        '--user=me:${IT_PASSWORD_2}',
        '-p',
        '80:80',
        '-p80:80/tcp',
        '--user',
        '1000:1000',
      ],
    },
  ],
  [
    { command: 'x', env: { DB_PW: 'swordfish', PSK: 'correcthorse', ACCESS_CODE: '48213' } },
    {
      command: 'x',
      args: [],
      env: { DB_PW: '${IT_DB_PW}', PSK: '${IT_PSK}', ACCESS_CODE: '${IT_ACCESS_CODE}' },
    },
  ],
  [
    {
      command: 'x',
      args: ['postgresql://u:p@ss/w0rd@db.example.com/app', 'mysql://u:p?w#x@db/app', 'redis://db:6379/0'],
    },
    {
      command: 'x',
      args: ['postgresql://${IT_LOGIN}@db.example.com/app', 'mysql://${IT_LOGIN_2}@db/app', 'redis://db:6379/0'],
    },
  ],
  [
    { command: 'x', args: ['https://a.example/@scope/oauth2', 'https://u:p/s@a.example/', 'http://[::1]:80/v1beta1'] },
    {
      command: 'x',
      args: ['https://a.example/@scope/oauth2', 'https://${IT_LOGIN}@a.example/', 'http://[::1]:80/v1beta1'],
    },
  ],
  [{ url: 'https://mcp.acme.example/s/abc123xyz9/mcp' }, { url: 'https://mcp.acme.example/s/${IT_PATH_2}/mcp' }],
  [{ url: 'https://api.g\u0456thub.com/mcp' }, { url: 'https://api.xn--gthub-n2e.com/mcp' }],
  [{ url: 'https://a.example/#token=s3cret' }, { url: 'https://a.example/#${IT_FRAGMENT}' }],
  [
    { command: 'bash', args: ['-c', 'npx x --api-key s3cret'] },
    { command: 'bash', args: ['-c', '${IT_ARGUMENT_2}'] },
  ],
  [
    { type: 'sse', url: 'https://mcp.example.com/sse' },
    { type: 'sse', url: 'https://mcp.example.com/sse' },
  ],
  [{ url: 'https://me:s3cret@mcp.example.com/' }, 'its address has a user or a password: put them into headers'],
  [{ command: 'x', args: ['${workspaceFolder}'] }, 'only its client knows ${workspaceFolder}'],
  [{ command: 'x', args: ['./server.js'] }, 'it is named from a folder that its client chooses'],
  [{ command: 'x', envFile: '.env' }, 'its client reads more variables from a file (envFile)'],
  [{ command: 'x', env: { A: {} } }, 'its A is no text'],
  [{ command: 'sealwatch', args: ['run', 'it'] }, 'it is Sealwatch already'],
  [{ command: 'x\u202e' }, 'it has characters that cannot be seen'],
  [{}, 'it has neither a command nor an address'],
])('%j becomes %j', (entry, expected) => {
  expect(taken(entry)).toEqual(expected);
});

test.each<[ClientName, unknown, unknown]>([
  ['Codex', { command: 'x', env_vars: ['TOKEN'] }, { command: 'x', args: [], env: { TOKEN: '${TOKEN}' } }],
  [
    'Codex',
    { url: 'https://a.example/', bearer_token_env_var: 'A_TOKEN', env_http_headers: { 'X-Key': 'X_KEY' } },
    { url: 'https://a.example/', headers: { Authorization: 'Bearer ${A_TOKEN}', 'X-Key': '${X_KEY}' } },
  ],
  [
    'OpenCode',
    { command: ['npx', 'x'], environment: { TOKEN: '{env:MY_TOKEN}' } },
    { command: 'npx', args: ['x'], env: { TOKEN: '${MY_TOKEN}' } },
  ],
  [
    'Gemini CLI',
    { command: 'x', env: { TOKEN: '$MY_TOKEN' } },
    { command: 'x', args: [], env: { TOKEN: '${MY_TOKEN}' } },
  ],
])('what %s writes in its own way, %j, becomes %j', (client, entry, expected) => {
  expect(taken(entry, client)).toEqual(expected);
});

test.each([
  ['/projects/here/.cursor/mcp.json', undefined],
  ['/projects/there/.cursor/mcp.json', '/projects/there'],
  ['/projects/there/.mcp.json', '/projects/there'],
])('a server of %s that is named from its folder is started in %s', (file, cwd) => {
  expect(taken({ command: 'node', args: ['server.js'] }, 'Cursor', file)).toEqual({
    command: 'node',
    args: ['server.js'],
    ...(cwd === undefined ? {} : { cwd }),
  });
});

test.each([
  ['python', '-m', 'srv'],
  ['npm', 'run', 'mcp'],
  ['npx', 'local'],
])('the same %s %s of two projects is two servers, each in its folder', (command, ...args) => {
  const [a, b] = ['/projects/a/.mcp.json', '/projects/b/.mcp.json'];
  const entries = [a, b].map((file) => entryOf({ command, args }, 'Claude Code', file));
  expect(groupEntries(entries)).toHaveLength(2);
  expect(taken({ command, args }, 'Claude Code', a)).toEqual({ command, args, cwd: '/projects/a' });
});

test('one address by two transports is two servers', () => {
  const url = 'https://a.example/mcp';
  expect(groupEntries([entryOf({ url }), entryOf({ url, type: 'sse' })])).toHaveLength(2);
});

test('one server that two clients name is one, and with another value it is another', () => {
  const [work, home] = [
    { command: 'x', env: { A: 'work' } },
    { command: 'x', env: { A: 'home' } },
  ];
  const entries = [entryOf(work), entryOf(work, 'Windsurf'), entryOf(home), entryOf({}), entryOf({})];
  expect(groupEntries(entries).map((group) => group.entries.length)).toEqual([2, 1, 1, 1]);
});
