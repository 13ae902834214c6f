import { expect, test } from 'vitest';

import type { ClientName, ClientPlace, ClientServer } from '../../src/clients/client.js';
import { type EntriesReading, readClientEntries } from '../../src/clients/read-client-file.js';

type Reading =
  | Exclude<EntriesReading, { kind: 'read' }>
  | { readonly kind: 'read'; readonly servers: readonly ClientServer[] };

function read(client: ClientName, at: string, file: string, text: string): Reading {
  const place: ClientPlace = { client, scope: 'user', where: { kind: 'file', path: file }, at: at.split('.') };
  const reading = readClientEntries(text, file, place);
  return reading.kind === 'read' ? { kind: 'read', servers: reading.entries.map(({ server }) => server) } : reading;
}

const NPX = {
  kind: 'stdio',
  command: 'npx',
  args: ['-y', 'server-memory'],
  cwd: undefined,
  envNames: ['TOKEN'],
  hasEnvFile: false,
};
const HTTP = { kind: 'http', url: 'https://mcp.example.com/mcp', headerNames: ['Authorization'] };

const ENTRY = '{ "command": "npx", "args": ["-y", "server-memory"], "env": { "TOKEN": "s3cret" } }';
const REMOTE = '{ "url": "https://mcp.example.com/mcp", "headers": { "Authorization": "Bearer s3cret" } }';

test.each<[ClientName, string, string, string]>([
  ['Claude Desktop', 'mcpServers', 'a.json', `{ "mcpServers": { "m": ${ENTRY}, "h": ${REMOTE} } }`],
  ['Claude Code', 'mcpServers', '.claude.json', `{ "n": 1, "mcpServers": { "m": ${ENTRY}, "h": ${REMOTE} } }`],
  ['Cursor', 'mcpServers', 'mcp.json', `\ufeff{ "mcpServers": { "m": ${ENTRY}, "h": ${REMOTE} } }`],
  [
    'VS Code',
    'servers',
    'mcp.json',
    `{ // comment\n "inputs": [], "servers": { "m": ${ENTRY}, /* x */ "h": ${REMOTE}, }, }`,
  ],
  ['VS Code Insiders', 'mcp.servers', 'settings.json', `{ "mcp": { "servers": { "m": ${ENTRY}, "h": ${REMOTE} } } }`],
  [
    'Windsurf',
    'mcpServers',
    'mcp_config.json',
    `{ "mcpServers": { "m": ${ENTRY}, "h": ${REMOTE.replace('url', 'serverUrl')} } }`,
  ],
  [
    'Zed',
    'context_servers',
    'settings.json',
    `// Zed\n{ "context_servers": { "m": { "source": "custom", "command": { "path": "npx", "args": ["-y", "server-memory"], "env": { "TOKEN": "s3cret" } } }, "h": ${REMOTE} } }`,
  ],
  [
    'Codex',
    'mcp_servers',
    'config.toml',
    '[mcp_servers.m]\ncommand = "npx"\nargs = ["-y", "server-memory"]\nenv_vars = ["TOKEN"]\n[mcp_servers.h]\nurl = "https://mcp.example.com/mcp"\nhttp_headers = { Authorization = "s3cret" }\n',
  ],
  [
    'Gemini CLI',
    'mcpServers',
    'settings.json',
    `{ "mcpServers": { "m": ${ENTRY}, "h": ${REMOTE.replace('url', 'httpUrl')} } }`,
  ],
  ['Cline', 'mcpServers', 'cline_mcp_settings.json', `{ "mcpServers": { "m": ${ENTRY}, "h": ${REMOTE} } }`],
  [
    'Continue',
    'mcpServers',
    'config.yaml',
    'name: a\nmcpServers:\n  - name: m\n    command: npx\n    args: ["-y", server-memory]\n    env: { TOKEN: s3cret }\n  - name: h\n    url: https://mcp.example.com/mcp\n    requestOptions: { headers: { Authorization: s3cret } }\n',
  ],
  ['Junie', 'mcpServers', 'mcp.json', `{ "mcpServers": { "m": ${ENTRY}, "h": ${REMOTE} } }`],
  ['LM Studio', 'mcpServers', 'mcp.json', `{ "mcpServers": { "m": ${ENTRY}, "h": ${REMOTE} } }`],
  [
    'OpenCode',
    'mcp',
    'opencode.json',
    `{ "mcp": { "m": { "type": "local", "command": ["npx", "-y", "server-memory"], "environment": { "TOKEN": "s3cret" } }, "h": ${REMOTE} } }`,
  ],
  [
    'OpenCode',
    'mcp',
    'opencode.jsonc',
    `{ "mcp": { "servers": { "m": { "type": "local", "command": ["npx", "-y", "server-memory"], "environment": { "TOKEN": "s3cret" } }, "h": ${REMOTE} } } }`,
  ],
])('%s: the servers in %s of %s', (client, at, file, text) => {
  const reading = read(client, at, file, text);
  expect(reading).toEqual({
    kind: 'read',
    servers: [
      { client, scope: 'user', file, name: 'm', isDisabled: false, target: NPX },
      { client, scope: 'user', file, name: 'h', isDisabled: false, target: HTTP },
    ],
  });
  expect(JSON.stringify(reading)).not.toContain('s3cret');
});

test('Claude Code keeps servers for one project in the file of the user', () => {
  const text = `{ "projects": { "/srv/a": { "mcpServers": { "m": ${ENTRY} } }, "/srv/b": {} } }`;
  expect(read('Claude Code', 'mcpServers', '.claude.json', text)).toEqual({
    kind: 'read',
    servers: [
      { client: 'Claude Code', scope: 'local', file: '.claude.json', name: 'm', isDisabled: false, target: NPX },
    ],
  });
});

test.each([
  ['a.json', ''],
  ['a.json', '// nothing yet'],
  ['a.json', '{}'],
  ['a.yaml', ''],
  ['a.toml', 'model = "x"'],
])('%s with %j names no server', (file, text) => {
  expect(read('Cursor', 'mcpServers', file, text)).toEqual({ kind: 'read', servers: [] });
});

test.each([
  ['a.json', '{ "mcpServers": { "s3cret" } }', 'not JSON: ColonExpected in line 1'],
  ['a.json', '{\n "mcpServers": {', 'not JSON: CloseBraceExpected in line 2'],
  ['a.json', '[]', 'it is no object'],
  ['a.json', '{ "mcpServers": "s3cret" }', 'mcpServers is neither an object nor a list'],
  ['a.json', '{ "mcpServers": { "a": {},\n "a": {} } }', 'the key in line 2 is there twice'],
  ['a.toml', 'mcpServers = s3cret', 'not TOML: line 1, column 14'],
  ['a.yaml', 'a: s3cret\na: 2', 'not YAML: DUPLICATE_KEY in line 2'],
  ['a.json', '['.repeat(100_000), 'nested too deep'],
])('%s of case %# cannot be read, and the reason repeats nothing', (file, text, why) => {
  expect(read('Cursor', 'mcpServers', file, text)).toEqual({ kind: 'unreadable', why });
});

test.each([
  ['{}', 'it has neither a command nor an address'],
  ['[]', 'its entry is no object'],
  ['{ "command": 1 }', 'its command is neither a text nor a list of texts'],
  ['{ "command": "npx", "args": "-y x" }', 'its command is neither a text nor a list of texts'],
  ['{ "command": "npx", "url": "https://a.example" }', 'it has a command and an address'],
  ['{ "url": "https://a.example", "httpUrl": "https://b.example" }', 'it has several addresses'],
  ['{ "url": "${input:address}" }', 'its address is no URL, or holds variables'],
])('what %s runs is unknown, and it is not left out', (entry, why) => {
  const reading = read('Cursor', 'mcpServers', 'a.json', `{ "mcpServers": { "__proto__": ${entry} } }`);
  expect(reading).toMatchObject({ servers: [{ name: '__proto__', target: { kind: 'unknown', why } }] });
});

test.each([
  ['"disabled": true', true],
  ['"enabled": false', true],
  ['"disabled": "true"', false],
  ['"enabled": true', false],
])('with %s, that a server is off is %s', (member, isDisabled) => {
  const text = `{ "mcpServers": { "a": { "command": "x", ${member} } } }`;
  expect(read('Cursor', 'mcpServers', 'a.json', text)).toMatchObject({ servers: [{ isDisabled }] });
});
