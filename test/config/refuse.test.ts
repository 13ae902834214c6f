import { describe, expect, test } from 'vitest';

import { refusal } from './world.js';

const CASES: readonly (readonly [name: string, text: string, ...refusal: string[]])[] = [
  [
    'an unknown key, with the likely one',
    'servers:\n  github:\n    comand: npx\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:3:5: servers.github.comand: unknown key "comand", did you mean "command"? (allowed: type, command, args, env, cwd, url, headers, plainHttp, network, pins, oauth, minimumTls, ca, cert, key, schedule, timeZone, firstUse, maxUnchecked, reviewEvery, limits, labels, gateway, volatile, vantages, posture, package, disabled, autoApprove, alwaysAllow, disabledTools, includeTools, excludeTools, timeout, trust, description)',
  ],
  [
    'the name that clients give to the servers',
    'mcpServers: {}\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:1:1: mcpServers: unknown key "mcpServers", did you mean "servers"? (allowed: stateDir, packageDir, defaults, policy, rules, judge, servers, notify, alerts, signIn, serve, gateway, concurrency, childProcesses)',
  ],
  [
    'values of the wrong type, all of them at once',
    'servers:\n  github:\n    command: npx\n    args: [--port, 3000]\n    env: { A: 1, B: true }\n    limits: { startMs: 0, maxPages: x }\nconcurrency: 0\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:4:20: servers.github.args[1]: must be text, is a whole number: put it in quotes',
    'sealwatch.yaml:5:15: servers.github.env.A: must be text, is a whole number: put it in quotes',
    'sealwatch.yaml:5:21: servers.github.env.B: must be text, is true or false: put it in quotes',
    'sealwatch.yaml:6:24: servers.github.limits.startMs: must be at least 1',
    'sealwatch.yaml:6:37: servers.github.limits.maxPages: must be a number, is text',
    'sealwatch.yaml:7:14: concurrency: must be at least 1',
  ],
  [
    'what is missing',
    'notify:\n  email: { from: a@b }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:3: notify.email.to: is missing: must be a list',
    'sealwatch.yaml:2:3: notify.email.smtp: is missing: must be a mapping of keys to values',
  ],
  [
    'an entry that says neither what to start nor where to connect',
    'servers:\n  a: { type: stdio }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:3: servers.a: needs a command (a program to start) or a url',
  ],
  [
    'variables that are not set, together with other mistakes',
    'servers:\n  a:\n    command: x\n    env: { T: "${NOPE}", U: "${A B}" }\n  My Server: { command: "${GONE}" }\n',
    'CONFIG_VARIABLE_MISSING',
    'sealwatch.yaml:4:15: servers.a.env.T: the environment variable NOPE is not set: set it, or write ${NOPE:-default}',
    'sealwatch.yaml:4:29: servers.a.env.U: cannot read a variable here: allowed are ${NAME} and ${NAME:-default}; write $${ for a literal ${',
    'sealwatch.yaml:5:3: servers["My Server"]: not a server id: "My Server" (lower-case letters, digits and hyphens, at most 63, not starting with a hyphen): try my-server',
    'sealwatch.yaml:5:25: servers["My Server"].command: the environment variable GONE is not set: set it, or write ${GONE:-default}',
  ],
  [
    'a repeated server, with both lines',
    'servers:\n  a: { command: x }\n  b: { command: y }\n  a: { command: z }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:4:3: repeated key "a": it stands in line 2 already',
  ],
  [
    'broken YAML',
    'servers: {\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:1: Flow map in block collection must be sufficiently indented and end with a }',
  ],
  [
    'addresses that cannot be trusted or reached',
    'servers:\n  a: { url: "http://example.com/mcp" }\n  b: { url: "ftp://x" }\n  c: { url: "https://u:p@x/" }\n  d: { url: "http://127.0.0.1:{port}/" }\n  e: { url: "https://x/", type: stdio, cwd: x }\n  f: { command: x, headers: {}, type: http }\n  g: { command: x, url: "https://evil.example:{port}/mcp" }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:13: servers.a.url: is plain http to another machine, where anybody on the way can change the answer: use https://, or write "plainHttp: true" to accept that',
    'sealwatch.yaml:3:13: servers.b.url: must be an http:// or https:// address',
    'sealwatch.yaml:4:13: servers.c.url: must not contain a user or password: put them into headers, from a variable',
    'sealwatch.yaml:5:13: servers.d.url: {port} needs a command: it is the port of a server that Sealwatch starts',
    'sealwatch.yaml:6:33: servers.e.type: is stdio, but the entry has a url: leave out one of the two',
    'sealwatch.yaml:6:40: servers.e.cwd: belongs to a command, and the entry has none',
    'sealwatch.yaml:7:20: servers.f.headers: belongs to a url, and the entry has none',
    'sealwatch.yaml:7:39: servers.f.type: is http, but the entry has no url',
    'sealwatch.yaml:8:25: servers.g.url: must be an address of this machine, where the command is started (127.0.0.1, ::1, localhost)',
  ],
  [
    'a header that would carry another',
    'servers:\n  a: { url: "https://x/", headers: { "X Y": a, Z: "a\\nB: c" } }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:38: servers.a.headers["X Y"]: is not a name for a header',
    'sealwatch.yaml:2:51: servers.a.headers.Z: has a line break or a character that a header cannot carry',
  ],
  [
    'schedules and lengths of time',
    'defaults: { schedule: 5 minutes, timeZone: Mars/One }\nservers:\n  a: { command: x }\n  b: { command: x, schedule: 0s, maxUnchecked: 5w }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:1:23: defaults.schedule: must be an interval such as 30s, 5m, 1h or a cron expression such as "*/5 * * * *", is "5 minutes"',
    'sealwatch.yaml:1:44: defaults.timeZone: must be a time zone such as Europe/Berlin, is "Mars/One"',
    'sealwatch.yaml:4:30: servers.b.schedule: must be a length of time from 1s to 24d, such as 30s, 5m, 24h, 7d, is "0s"',
    'sealwatch.yaml:4:48: servers.b.maxUnchecked: must be a length of time from 1s to 24d, such as 30s, 5m, 24h, 7d, is "5w"',
  ],
  [
    'masks that would mask nothing, or the provenance that they are part of',
    'servers:\n  a:\n    command: x\n    volatile:\n      - { kind: tool, pointer: description, pattern: x }\n      - { kind: tool, name: y, pattern: x }\n',
    'MASK_INVALID',
    'sealwatch.yaml:5:9: servers.a.volatile[0].name: is missing: the name of the tool, or * for every tool',
    'sealwatch.yaml:5:32: servers.a.volatile[0].pointer: must be a JSON Pointer (RFC 6901) such as /description',
    'sealwatch.yaml:6:9: servers.a.volatile[1].pointer: is missing: the string in the definition, such as /description',
  ],
  [
    'a mask for the provenance',
    'servers:\n  a: { command: x, volatile: [{ kind: provenance, pattern: x }] }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:39: servers.a.volatile[0].kind: must be one of tool, prompt, resource, resource-template, instructions, server, is "provenance"',
  ],
  [
    'a policy that would approve what a person must read',
    'policy: { autoApprove: [cosmetic, wording], blockLevel: huge }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:1:35: policy.autoApprove[1]: must be one of cosmetic, removal, is "wording"',
    'sealwatch.yaml:1:57: policy.blockLevel: must be one of info, low, medium, high, critical, is "huge"',
  ],
  [
    'a connection that would be less safe than it looks',
    'servers:\n  a: { url: "https://a.example", pins: [sha256/short] }\n  b: { url: "https://b.example", pins: [] }\n' +
      '  c: { url: "https://c.example", cert: c.pem }\n  d: { url: "https://d.example", ca: /nowhere/ca.pem }\n' +
      '  e: { command: x, pins: record, network: private }\n' +
      'policy:\n  allowlist:\n    - { origin: "https://*.com" }\n    - { executable: /usr/bin/node, sha256: "' +
      'a'.repeat(64) +
      '" }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:40: servers.a.pins: needs two different pins at least: the key in use, and a backup (of the issuer, or of a key that is kept for later)',
    'sealwatch.yaml:2:41: servers.a.pins[0]: must be sha256/ and the base64 of 32 bytes, is "sha256/short"; `sealwatch pins URL` prints them',
    'sealwatch.yaml:3:40: servers.b.pins: needs two different pins at least: the key in use, and a backup (of the issuer, or of a key that is kept for later)',
    'sealwatch.yaml:4:34: servers.c.cert: needs key beside it',
    "sealwatch.yaml:5:38: servers.d.ca: cannot read the certificate: ENOENT: no such file or directory, open '/nowhere/ca.pem'",
    'sealwatch.yaml:6:20: servers.e.pins: belongs to a url, and the entry has none',
    'sealwatch.yaml:6:34: servers.e.network: belongs to a url, and the entry has none',
    'sealwatch.yaml:9:17: policy.allowlist[0].origin: *.com would allow a whole top-level domain: write at least *.example.com',
    'sealwatch.yaml:10:21: policy.allowlist[1].executable: runs any script that it is given: name the script instead, with the SHA-256 of the script',
  ],
  [
    'a client whose secret could be shown to anybody',
    'servers:\n  a: { url: "https://a.example", oauth: { clientId: x, clientSecret: y } }\n' +
      '  b: { url: "https://b.example", oauth: { clientSecret: y } }\n' +
      '  c: { url: "https://c.example", oauth: { grant: client_credentials } }\n' +
      '  d: { url: "https://d.example", oauth: true, headers: { authorization: x } }\n' +
      '  e: { url: "https://e.example", oauth: { clientId: x, issuer: login } }\n' +
      '  f: { url: "https://f.example", oauth: { clientMetadata: "http://f.example/me.json" } }\n' +
      '  g: { url: "https://g.example", oauth: { clientId: x, issuer: "https://l.example", privateKey: /nowhere/no.pem } }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:53: servers.a.oauth.clientId: needs issuer beside it: the server could name any authorization server otherwise',
    'sealwatch.yaml:3:57: servers.b.oauth.clientSecret: needs clientId beside it',
    'sealwatch.yaml:4:50: servers.c.oauth.grant: needs clientId, and clientSecret or privateKey: nobody is there to register or to sign in',
    'sealwatch.yaml:5:41: servers.d.oauth: stands beside an Authorization header: leave out one of the two',
    'sealwatch.yaml:6:64: servers.e.oauth.issuer: must be the address of the authorization server that knows clientId',
    'sealwatch.yaml:7:59: servers.f.oauth.clientMetadata: must be an https address with a path',
    "sealwatch.yaml:8:97: servers.g.oauth.privateKey: cannot read the private key: ENOENT: no such file or directory, open '/nowhere/no.pem'",
  ],
  [
    'vantages that are none',
    'servers:\n  a:\n    url: "https://a.example"\n    vantages:\n      - { name: Me, client: x }\n' +
      '      - { name: me }\n      - { name: me, client: y }\n  b: { command: x, vantages: [{ name: c, credentials: false }] }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:5:17: servers.a.vantages[0].name: must be of the form [a-z0-9][a-z0-9-]{0,62}',
    'sealwatch.yaml:6:9: servers.a.vantages[1]: is who we are already: give client, or credentials: false',
    'sealwatch.yaml:7:17: servers.a.vantages[2].name: stands here twice',
    'sealwatch.yaml:8:55: servers.b.vantages[0].credentials: is for servers with a url',
  ],
  [
    'a policy on packages that nobody can meet',
    'policy:\n  packages:\n    minimumAge: soon\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:3:17: policy.packages.minimumAge: must be a length of time from 1s to 24d, such as 30s, 5m, 24h, 7d, is "soon"',
  ],
  [
    'a registry and a severity that are none',
    'policy:\n  packages: { allowedRegistries: [npm], maximumSeverity: bad, requireProvenance: false }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:35: policy.packages.allowedRegistries[0]: must be an address, such as https://registry.npmjs.org',
    'sealwatch.yaml:2:58: policy.packages.maximumSeverity: must be one of none, info, low, moderate, high, critical, is "bad"',
    'sealwatch.yaml:2:82: policy.packages.requireProvenance: must be true, is true or false',
  ],
  [
    'a package of what nobody starts',
    'servers:\n  a: { url: "https://a.example/mcp", package: { record: true } }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:38: servers.a.package: belongs to a command, and the entry has none',
  ],
  [
    'a server that runs as approved and is reached by an address',
    'servers:\n  a: { command: npx, args: [x], url: "http://127.0.0.1:{port}/", package: { run: approved } }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:82: servers.a.package.run: approved is for servers that are talked to over standard input and output',
  ],
  [
    'a posture of what is not there, of what we start ourselves, and probes that nobody knows',
    'servers:\n  a: { command: x, posture: { record: true } }\n  b: { command: x, url: "http://127.0.0.1:{port}/mcp", posture: {} }\n' +
      '  c:\n    url: "https://c.example"\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:20: servers.a.posture: belongs to a url, and the entry has none',
    'sealwatch.yaml:3:56: servers.b.posture: is for servers of others, and this one is started by us',
  ],
  [
    'a minimum that is no revision of the protocol',
    'servers:\n  a:\n    url: "https://a.example"\n    posture: { minimumProtocol: new, probes: [everything] }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:4:33: servers.a.posture.minimumProtocol: must be a revision of the protocol, such as 2025-06-18',
    'sealwatch.yaml:4:47: servers.a.posture.probes[0]: must be one of foreign-origin, forged-token, registration, foreign-redirect, foreign-token, is "everything"',
  ],
  [
    'mail that would be readable on the way, or inject a header',
    'notify:\n  email:\n    from: "x"\n    to: ["a@b\\nBcc: c@d"]\n    smtp: { host: mail.example.com, security: none, user: u }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:3:11: notify.email.from: must be a mail address such as security@example.com',
    'sealwatch.yaml:4:10: notify.email.to[0]: must be a mail address such as security@example.com',
    'sealwatch.yaml:5:5: notify.email.smtp: has a user but no password',
    'sealwatch.yaml:5:47: notify.email.smtp.security: none sends mail and password readable over the network: use tls or starttls (none is for this machine only)',
  ],
  [
    'pages opened to other machines without https',
    'serve: { host: 0.0.0.0, publicUrl: "http://x.example.com" }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:1:16: serve.host: opens the pages to other machines without https: set serve.tls, or set serve.trustedProxies to the proxy in front of it and serve.publicUrl to its https:// address, or leave host out',
    'sealwatch.yaml:1:36: serve.publicUrl: must start with https://: over http anybody on the way could decide (http is for this machine only)',
  ],
  ['a list', '- a\n', 'CONFIG_INVALID', 'sealwatch.yaml:1:1: must be a mapping of keys to values, is a list'],
  [
    'an empty entry',
    'servers:\n  a:\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:5: servers.a: must be a mapping of keys to values, is empty',
  ],
];

describe('a configuration is refused with every mistake and its line', () => {
  test.each(CASES)('%s', (_, text, ...expected) => {
    expect(refusal(text)).toEqual(expected);
  });

  test('a pattern that re2js refuses', () => {
    const text = 'servers:\n  a: { command: x, volatile: [{ kind: tool, name: y, pointer: /d, pattern: "(?=x)" }] }\n';
    expect(refusal(text)[0]).toBe('MASK_INVALID');
    expect(refusal(text)[1]).toContain('2:76: servers.a.volatile[0].pattern: is not a re2js pattern');
  });

  test('aliases that multiply are refused instead of filling the memory', () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) => `  l${index + 1}: &l${index + 1} [${`*l${index}, `.repeat(9)}]`,
    );
    const text = `labels:\n  l0: &l0 [x]\n${levels.join('\n')}\n`;
    expect(refusal(text)[0]).toBe('CONFIG_INVALID');
  });

  test('a secret never stands in a message', () => {
    const text = 'servers:\n  a: { url: "http://${HOST}/x" }\n  b: { url: "https://u:${TOKEN}@x/" }\n';
    expect(refusal(text, { HOST: 'hidden.example.com', TOKEN: 's3cret' }).join('\n')).not.toMatch(/s3cret|hidden/);
  });
});
