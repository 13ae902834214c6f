import { describe, expect, test } from 'vitest';

import { toAllowlist } from '../../src/config/to-allowlist.js';
import { createProblems } from '../../src/config/problems.js';
import type { AllowlistEntry } from '../../src/config/schema.js';
import type { Allowlist } from '../../src/model/allowlist.js';
import { allowedOrigin, mayStart } from '../../src/policy/allowlist.js';
import { identifyLaunch } from '../../src/policy/identify-launch.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** As a configuration writes it. @throws what is wrong with it */
function list(...entries: readonly AllowlistEntry[]): Allowlist {
  const problems = createProblems('f', () => ({ line: 1, column: 1 }));
  const made = toAllowlist(entries, '/srv', problems);
  problems.throwIfAny();
  return made!;
}

describe('an origin', () => {
  test.each([
    ['https://mcp.example.com', 'https://mcp.example.com/any/path', true],
    ['https://mcp.example.com', 'https://MCP.example.com:443/', true],
    ['https://mcp.example.com', 'http://mcp.example.com/', false],
    ['https://mcp.example.com', 'https://mcp.example.com:8443/', false],
    ['https://mcp.example.com', 'https://mcp.example.com.evil.example/', false],
    ['https://mcp.example.com', 'https://evil.example/https://mcp.example.com', false],
    ['https://mcp.example.com', 'https://mcp.example.com@evil.example/', false],
    ['https://mcp.example.com', 'https://user:word@mcp.example.com/', false],
    ['https://mcp.example.com', 'https://mcp.example.com./', false],
    ['https://mcp.example.com:*', 'https://mcp.example.com:8443/', true],
    ['https://*.example.com', 'https://a.example.com/', true],
    ['https://*.example.com', 'https://a.b.example.com/', false],
    ['https://*.example.com', 'https://example.com/', false],
    ['https://*.example.com', 'https://aexample.com/', false],
    ['https://*.example.com', 'https://evil.com/.example.com', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp', true],
    ['https://mcp.example.com/mcp/', 'https://mcp.example.com/mcp', true],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/x?y=1', true],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcpx', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/../admin', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/%2e%2e/admin', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/..%2fadmin', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/%2e%2e%5cadmin', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/..;/admin', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/..%3b/admin', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/%252e%252e/admin', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/%c0%ae%c0%ae/admin', false],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com/mcp/a%20b', true],
    ['https://mcp.example.com/mcp', 'https://mcp.example.com\\mcp\\x', true],
    ['https://mcp.example.com', 'https://evil.example\\@mcp.example.com/', false],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/mcp', true],
    ['http://127.0.0.1:8080', 'http://2130706433:8080/mcp', true],
    ['https://[2001:db8::1]', 'https://[2001:DB8:0::1]/mcp', true],
    ['https://bücher.example', 'https://xn--bcher-kva.example/mcp', true],
    ['https://mcp.example.com', 'https://mcp.exаmple.com/', false],
  ])('%s for %s: %s', (origin, url, expected) => {
    expect(allowedOrigin(list({ origin }), new URL(url)) !== undefined).toBe(expected);
  });
});

describe('a start command', () => {
  const entries = list(
    { package: 'pkg:npm/@scope/exact@1.2.3' },
    { package: 'pkg:npm/%40scope/range@^1.2.0' },
    { package: 'pkg:npm/any' },
    { package: 'pkg:pypi/Time_Server@2024.1' },
    { image: `ghcr.io/x/y@${DIGEST}` },
    { executable: 'bin/server', sha256: 'b'.repeat(64) },
  );

  test.each([
    ['npx -y @scope/exact@1.2.3', 'allowed'],
    ['npx -y @scope/exact@1.2.4', 'refused'],
    ['npx -y @scope/exact', 'refused'],
    ['npx -y @scope/exact@latest', 'refused'],
    ['npx -y @scope/exact@^1.2.3', 'refused'],
    ['npx -y @scope/range@1.9.0', 'allowed'],
    ['npx -y @scope/range@2.0.0', 'refused'],
    ['npx -y @scope/range@1.9.0-beta.1', 'refused'],
    ['npx -y any@.', 'refused'],
    ['npx -y -p any sh -c evil', 'refused'],
    ['npm exec any --registry=https://evil.example', 'refused'],
    ['npx -y any', 'allowed'],
    ['npx -y any@latest', 'allowed'],
    ['npx -y Any', 'refused'],
    ['npx -y other', 'refused'],
    ['uvx time-server==2024.1', 'allowed'],
    ['uvx time-server', 'refused'],
    ['uvx any', 'refused'],
    [`docker run -i ghcr.io/x/y:1.0@${DIGEST}`, 'allowed'],
    ['docker run -i ghcr.io/x/y:1.0', 'refused'],
    [`docker run -i ghcr.io/x/z@${DIGEST}`, 'refused'],
    [`docker run -i ghcr.io/x/y@sha256:${'c'.repeat(64)}`, 'refused'],
    ['/srv/bin/server', 'if-digest'],
    ['/srv/bin/other', 'refused'],
    ['python -m any', 'refused'],
  ])('%s: %s', (line, expected) => {
    const [command = '', ...args] = line.split(' ');
    const identity = identifyLaunch({ command, args, env: {} });
    const file = identity.kind === 'executable' ? identity.file : undefined;
    expect(mayStart(entries, identity, file).kind).toBe(expected);
  });
});

describe('an entry that allows more than it says is refused', () => {
  test.each<readonly [string, AllowlistEntry, string]>([
    ['no address', { origin: 'mcp.example.com' }, 'policy.allowlist[0].origin: must be such as'],
    ['a whole top-level domain', { origin: 'https://*.com' }, 'would allow a whole top-level domain'],
    ['a star in the middle', { origin: 'https://mcp.*.com' }, 'must be such as'],
    ['every host', { origin: 'https://*' }, 'must be such as'],
    ['a query', { origin: 'https://mcp.example.com/?x' }, 'must be such as'],
    ['a user', { origin: 'https://me@mcp.example.com' }, 'must be such as'],
    ['a package of nowhere', { package: '@scope/name' }, 'must be such as pkg:npm/'],
    ['a range that is none', { package: 'pkg:npm/name@newest' }, 'neither a version nor a range'],
    ['a range for Python', { package: 'pkg:pypi/name@>=1' }, 'one exact version'],
    ['an interpreter', { executable: '/usr/bin/python3.12', sha256: 'a'.repeat(64) }, 'runs any script'],
    ['a program that starts others', { executable: '/usr/bin/timeout', sha256: 'a'.repeat(64) }, 'runs any script'],
    ['an image by its tag', { image: 'ghcr.io/x/y:latest' }, 'with the whole digest'],
  ])('%s', (_, entry, message) => {
    expect(() => list(entry)).toThrow(message);
  });
});
