import { describe, expect, test } from 'vitest';

import { load, refusal } from './world.js';

const AUTH = 'gateway:\n  publicUrl: https://mcp.example\n  auth:\n    issuer: https://login.example\n';

test('tiers: what is written, with the rest empty; a server replaces those of the defaults', () => {
  const { servers } = load(
    'defaults: { gateway: { tiers: { read: [a*] } } }\n' +
      'servers:\n  a: { command: x }\n  b: { command: x, gateway: { tiers: { annotations: ignored } } }\n',
  );
  expect(servers.map(({ gateway }) => gateway.tiers)).toEqual([
    { read: ['a*'], write: [], dangerous: [], annotations: 'approved' },
    { read: [], write: [], dangerous: [], annotations: 'ignored' },
  ]);
  expect(load('servers: { a: { command: x } }').servers[0]?.gateway.tiers).toBeUndefined();
});

test('tiers that are none are refused', () => {
  const tiers = (text: string): readonly string[] =>
    refusal(`servers: { a: { command: x, gateway: { tiers: ${text} } } }`);
  expect(tiers('{ safe: [a] }')[1]).toContain('unknown key "safe"');
  expect(tiers('{ read: [] }')[1]).toContain('must be at least 1 entry');
  expect(tiers('{ annotations: true }')[1]).toContain('must be one of approved, ignored');
});

test('limits of a server go before those of the defaults, one by one', () => {
  const { servers } = load(
    'defaults: { gateway: { calls: { tool: { perDay: 9 }, maxRequestBytes: 2048 }, circuit: { failures: 2 }, inFlight: cancel } }\n' +
      'servers: { a: { command: x, gateway: { calls: { tool: { perMinute: 3 }, maxResultBytes: 4096 }, circuit: { openMs: 500 } } } }\n',
  );
  expect(servers[0]?.gateway).toMatchObject({
    calls: { tool: { perMinute: 3, atOnce: 128, perDay: 9 }, maxRequestBytes: 2_048, maxResultBytes: 4_096 },
    circuit: { failures: 2, openMs: 500 },
    inFlight: 'cancel',
  });
});

test.each([
  ['calls: { tool: { perDay: 0 } }', 'must be at least 1'],
  ['calls: { maxRequestBytes: 9000000 }', 'must be at most 8388608'],
  ['circuit: { failures: 0 }', 'must be at least 1'],
  ['inFlight: stop', 'must be one of finish, cancel'],
  ['circuit: { openMs: 1 }', 'must be at least 100'],
])('a limit that is none: %s', (text, expected) => {
  expect(refusal(`servers: { a: { command: x, gateway: { ${text} } } }`)[1]).toContain(expected);
});

describe('who may call what', () => {
  test('is read with its names resolved', () => {
    const { auth } = load(
      `${AUTH}    allow: [{ scope: all }]\n` +
        '    permissions: { p: [{ servers: [a*], tools: [b], arguments: { x: [1, y], /z/*: { within: /work/ } } }] }\n' +
        '    roles: [{ value: v, may: [p] }]\n',
    ).gateway;
    expect(auth).toEqual({
      issuer: 'https://login.example',
      algorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'],
      introspection: undefined,
      allow: [{ scope: 'all', servers: ['*'], tools: ['*'], arguments: [] }],
      roles: {
        claim: 'groups',
        roles: [
          {
            value: 'v',
            rules: [
              {
                servers: ['a*'],
                tools: ['b'],
                arguments: [
                  { path: ['x'], is: { kind: 'one-of', values: [1, 'y'] } },
                  { path: ['z', '*'], is: { kind: 'within', folder: '/work' } },
                ],
              },
            ],
          },
        ],
      },
    });
  });

  test('asks about tokens where that is written, and believes the answer for a minute', () => {
    const text = `${AUTH}    allow: [{ scope: a }]\n    introspection: { clientId: a, clientSecret: "\${S}" }\n`;
    expect(load(text, { S: 'b' }).gateway.auth?.introspection).toEqual({
      clientId: 'a',
      clientSecret: 'b',
      url: undefined,
      cacheMs: 60_000,
    });
  });

  test.each<[string, string, ...string[]]>([
    [
      'nothing that anybody may do',
      '',
      'sealwatch.yaml:4:5: gateway.auth: needs allow (what scopes are for) or roles: what nobody allows is refused',
    ],
    [
      'permissions and a claim that nobody uses',
      '    allow: [{ scope: a }]\n    claim: g\n    permissions: { p: [{}] }\n',
      'sealwatch.yaml:6:5: gateway.auth.claim: says nothing without roles',
      'sealwatch.yaml:7:5: gateway.auth.permissions: says nothing without roles',
    ],
    [
      'a permission that is not there',
      '    permissions: { p: [{}] }\n    roles: [{ value: v, may: [q] }]\n',
      'sealwatch.yaml:6:31: gateway.auth.roles[0].may[0]: names no permission (there are: p)',
    ],
    [
      'algorithms beside introspection, over http',
      '    allow: [{ scope: a }]\n    algorithms: [ES256]\n    introspection: { clientId: a, clientSecret: b, url: "http://login.example/ask" }\n',
      'sealwatch.yaml:6:5: gateway.auth.algorithms: says nothing beside introspection',
      'sealwatch.yaml:7:57: gateway.auth.introspection.url: must be an https:// address: over http anybody on the way could say what a token is worth',
    ],
    [
      'a list of tools without one',
      '    allow: [{ scope: a, tools: [] }]\n',
      'sealwatch.yaml:5:32: gateway.auth.allow[0].tools: must be at least 1 entry',
    ],
    [
      'arguments that are not what they seem',
      '    allow:\n      - scope: a\n        arguments:\n          a: /work/**\n          b: { pattern: "(?=x)" }\n          c: { within: /work/../etc }\n          /d~2: 1\n          e: {}\n',
      'sealwatch.yaml:8:14: gateway.auth.allow[0].arguments.a: is taken as it is, and has a *: use { within: /folder } for a path, or { pattern: … }',
      'sealwatch.yaml:9:25: gateway.auth.allow[0].arguments.b.pattern: is not a re2js pattern (no look-around, no back-references): error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
      'sealwatch.yaml:10:24: gateway.auth.allow[0].arguments.c.within: must be a folder such as /work, without "..", "\\" and "*"',
      'sealwatch.yaml:11:11: gateway.auth.allow[0].arguments["/d~2"]: must be the name of an argument, or a JSON Pointer (RFC 6901) such as /options/path',
      'sealwatch.yaml:12:14: gateway.auth.allow[0].arguments.e: needs either pattern or within',
    ],
    [
      'a condition that does not exist',
      '    allow: [{ scope: a, arguments: { path: { under: /work } } }]\n',
      'sealwatch.yaml:5:46: gateway.auth.allow[0].arguments.path.under: unknown key "under" (allowed: pattern, within)',
    ],
  ])('is refused with %s', (_, section, ...expected) => {
    const [code, ...lines] = refusal(AUTH + section);
    expect(code).toBe('CONFIG_INVALID');
    expect(lines).toEqual(expected);
  });
});
