import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { codeOf } from '../../src/errors.js';
import { checkedLookup, reachOf } from '../../src/mcp/check-address.js';
import type { AllowedOrigin, Allowlist } from '../../src/model/allowlist.js';
import type { HttpConnection, Server } from '../../src/model/server.js';
import { DEFAULT_TLS, type TlsRules } from '../../src/model/tls.js';
import { type Made, makeCertificate } from '../make-certificate.js';
import { pinOf as pin } from '../pin-of.js';
import { http, makeServer, observer, SERVERS } from './make-server.js';
import { type Served, serveMcp } from './serve-mcp.js';

// Who vouches for whom: root → intermediate → leaf. `other` is an authority that is trusted as well.
const root = makeCertificate({ subject: 'root' });
const intermediate = makeCertificate({ subject: 'intermediate', issuer: root, isAuthority: true });
const other = makeCertificate({ subject: 'other root' });
const ip = '127.0.0.1';
const leaf = makeCertificate({ subject: 'leaf', ip, issuer: intermediate });
const renewed = makeCertificate({ subject: 'leaf', ip, issuer: intermediate, keys: leaf.keys });
const rekeyed = makeCertificate({ subject: 'leaf', ip, issuer: intermediate });
const reissued = makeCertificate({ subject: 'leaf', ip, issuer: other, keys: leaf.keys });
const expired = makeCertificate({ subject: 'leaf', ip, issuer: intermediate, expiresAt: new Date('2024-01-01') });
const early = makeCertificate({ subject: 'leaf', ip, issuer: intermediate, startsAt: new Date('2048-01-01') });
const misnamed = makeCertificate({ subject: 'leaf', dns: 'elsewhere.example', issuer: intermediate });
const selfSigned = makeCertificate({ subject: 'leaf', ip });
const client = makeCertificate({ subject: 'client', issuer: other });

const TRUSTED = root.cert + other.cert;
const spare = pin(makeCertificate({}));

/** What a server shows: its certificate, and those that it sends along. */
function shows(made: Made, ...along: readonly Made[]): ServerOptions {
  return { key: made.key, cert: [made, ...along].map(({ cert }) => cert).join('') };
}

const HONEST = shows(leaf, intermediate);
const OLD = { ...HONEST, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
const TLS_12 = { ...HONEST, maxVersion: 'TLSv1.2' } as const;
const MUTUAL = { ...HONEST, requestCert: true, rejectUnauthorized: true, ca: other.cert };

const SERVER_URL = 'https://127.0.0.1';

/** The name of what is tried, what the server shows, what is asked of it, and how it ends: `ok` or a code. */
type Row = readonly [string, ServerOptions | undefined, Partial<TlsRules>, string, Partial<HttpConnection>?];

const TLS: readonly Row[] = [
  ['a certificate of a trusted authority', HONEST, {}, 'ok'],
  ['a certificate of an authority that only this server has', HONEST, { ca: root.cert }, 'ok'],
  ['the key of the server is pinned', HONEST, { pins: [pin(leaf), spare] }, 'ok'],
  ['the key of its issuer is pinned', HONEST, { pins: [pin(intermediate), spare] }, 'ok'],
  ['the key of the root is pinned, which no server sends', HONEST, { pins: [pin(root), spare] }, 'ok'],
  ['the server has changed to the backup key', shows(rekeyed, intermediate), { pins: [pin(leaf), pin(rekeyed)] }, 'ok'],
  ['a renewed certificate with the same key', shows(renewed, intermediate), { pins: [pin(leaf), spare] }, 'ok'],
  ['another key of the same issuer', shows(rekeyed, intermediate), { pins: [pin(leaf), spare] }, 'TLS_PIN_MISMATCH'],
  ['no key is a pinned one', HONEST, { pins: [spare, pin(other)] }, 'TLS_PIN_MISMATCH'],
  ['another issuer for the same key', shows(reissued), { pins: [pin(intermediate), pin(root)] }, 'TLS_PIN_MISMATCH'],
  [
    'the pinned issuer is sent along, and did not sign',
    shows(reissued, intermediate, root),
    { pins: [pin(intermediate), pin(root)] },
    'TLS_PIN_MISMATCH',
  ],
  [
    'the pinned key in a certificate that nobody signed',
    selfSignedWith(leaf),
    { pins: [pin(leaf), spare] },
    'TLS_CERTIFICATE',
  ],
  ['a self-signed certificate', shows(selfSigned), {}, 'TLS_CERTIFICATE'],
  ['a self-signed certificate that is trusted', shows(selfSigned), { ca: selfSigned.cert }, 'ok'],
  ['an authority that is not trusted', HONEST, { ca: other.cert }, 'TLS_CERTIFICATE'],
  ['the intermediate certificate is missing', shows(leaf), {}, 'TLS_CERTIFICATE'],
  ['an expired certificate', shows(expired, intermediate), {}, 'TLS_CERTIFICATE'],
  [
    'an expired certificate whose key is pinned',
    shows(expired, intermediate),
    { pins: [pin(expired), spare] },
    'TLS_CERTIFICATE',
  ],
  ['a certificate that does not hold yet', shows(early, intermediate), {}, 'TLS_CERTIFICATE'],
  ['a certificate for another name', shows(misnamed, intermediate), {}, 'TLS_CERTIFICATE'],
  [
    'a certificate for another name whose key is pinned',
    shows(misnamed, intermediate),
    { pins: [pin(misnamed), spare] },
    'TLS_CERTIFICATE',
  ],
  ['TLS 1.1', OLD, {}, 'TLS_VERSION'],
  ['TLS 1.2', TLS_12, {}, 'ok'],
  ['TLS 1.2 where 1.3 is asked for', TLS_12, { minVersion: 'TLSv1.3' }, 'TLS_VERSION'],
  ['TLS 1.3 where 1.3 is asked for', HONEST, { minVersion: 'TLSv1.3' }, 'ok'],
  ['our certificate is asked for, and we have one', MUTUAL, { client }, 'ok'],
  ['our certificate is asked for, and we have none', MUTUAL, {}, 'OBSERVE_CONNECT_FAILED'],
  ['pins on the event stream of HTTP+SSE', HONEST, { pins: [pin(leaf), spare] }, 'ok', { transport: 'sse' }],
  [
    'no pinned key on the event stream of HTTP+SSE',
    HONEST,
    { pins: [spare] },
    'TLS_PIN_MISMATCH',
    { transport: 'sse' },
  ],
  ['no encryption, on this machine', undefined, {}, 'ok'],
  ['no encryption where it was asked for', undefined, {}, 'OBSERVE_CONNECT_FAILED', { url: SERVER_URL }],
];

function selfSignedWith({ keys }: Made): ServerOptions {
  return shows(makeCertificate({ subject: 'leaf', ip, keys }));
}

let running: Served[] = [];
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sealwatch-connections-')));

afterEach(async () => {
  await Promise.all(running.map(async (served) => served.close()));
  running = [];
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function serve(...wanted: Parameters<typeof serveMcp>): Promise<Served> {
  const served = await serveMcp(...wanted);
  running.push(served);
  return served;
}

function server(connection: Partial<HttpConnection>, more: Partial<Server> = {}): Server {
  return { ...makeServer(http(undefined, '', { transport: 'streamable-http', ...connection })), ...more };
}

async function outcome(tried: Server): Promise<string> {
  try {
    const { pages } = await observer.observe(tried, new AbortController().signal);
    return pages.length > 0 ? 'ok' : 'nothing';
  } catch (error) {
    return codeOf(error);
  }
}

describe('an encrypted connection', () => {
  const rows = TLS.map(([name, shown, rules, expected, more = {}]) => [name, shown, rules, expected, more] as const);

  test.each(rows)('%s', async (_, shown, rules, expected, more) => {
    const served = await serve({ tls: shown });
    const { port } = new URL(served.url);
    const path = more.transport === 'sse' ? '/sse' : '/mcp';
    const url = more.url === undefined ? served.url.replace('/mcp', path) : `${more.url}:${port}/mcp`;
    const tls = { ...DEFAULT_TLS, ca: TRUSTED, ...rules };
    expect(await outcome(server({ ...more, url, tls }))).toBe(expected);
    // What is refused is refused before the first byte of a request.
    expect(served.requests.length > 0).toBe(expected === 'ok');
  });

  test('the variable that turns checks off turns nothing off', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const served = await serve({ tls: shows(selfSigned) });
      expect(await outcome(server({ url: served.url }))).toBe('TLS_CERTIFICATE');
      expect(served.requests).toEqual([]);
    } finally {
      if (before === undefined) Reflect.deleteProperty(process.env, 'NODE_TLS_REJECT_UNAUTHORIZED');
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  test('a refusal says which keys the server has, so that a person can compare them', async () => {
    const served = await serve({ tls: HONEST });
    const tls = { ...DEFAULT_TLS, ca: TRUSTED, pins: [spare] };
    const refused = observer.observe(server({ url: served.url, tls }), new AbortController().signal);
    await expect(refused).rejects.toThrow(pin(leaf));
  });
});

/** An entry of the allowlist for an address. */
function origin(url: string, more: Partial<AllowedOrigin> = {}): AllowedOrigin {
  const { protocol, hostname, port, pathname } = new URL(url);
  return {
    text: url,
    protocol: protocol === 'https:' ? 'https:' : 'http:',
    host: hostname,
    isWildcard: false,
    port: Number(port),
    path: pathname.replace(/\/$/, ''),
    network: 'public',
    ...more,
  };
}

function list(...origins: readonly AllowedOrigin[]): Allowlist {
  return { origins, packages: [], executables: [], images: [] };
}

describe('an address and the allowlist', () => {
  /** The entry for the address of a server that answers, and how it ends. */
  const ROWS: readonly (readonly [string, (url: string) => Allowlist | undefined, string])[] = [
    ['no allowlist', () => undefined, 'ok'],
    ['the very address', (url) => list(origin(url)), 'ok'],
    ['the origin alone', (url) => list(origin(url, { path: '' })), 'ok'],
    ['any port', (url) => list(origin(url, { port: undefined })), 'ok'],
    ['an empty allowlist', () => list(), 'CONNECT_NOT_ALLOWED'],
    ['another port', (url) => list(origin(url, { port: 1 })), 'CONNECT_NOT_ALLOWED'],
    ['another host', (url) => list(origin(url, { host: 'mcp.example' })), 'CONNECT_NOT_ALLOWED'],
    ['another scheme', (url) => list(origin(url, { protocol: 'https:' })), 'CONNECT_NOT_ALLOWED'],
    ['another path', (url) => list(origin(url, { path: '/other' })), 'CONNECT_NOT_ALLOWED'],
    ['a path that only begins like it', (url) => list(origin(url, { path: '/mc' })), 'CONNECT_NOT_ALLOWED'],
  ];

  test.each(ROWS)('%s', async (_, allowlist, expected) => {
    const served = await serve();
    expect(await outcome(server({ url: served.url }, { allowlist: allowlist(served.url) }))).toBe(expected);
    expect(served.sockets() > 0).toBe(expected === 'ok');
  });
});

describe('a redirect', () => {
  /** Where it leads, by the address of the server and that of another, what is allowed, and how it ends. */
  const ROWS: readonly (readonly [
    string,
    (self: string, other: string) => string,
    (self: string, other: string) => Allowlist | undefined,
    string,
  ])[] = [
    ['within the origin', () => '/moved/mcp', () => undefined, 'ok'],
    ['within what is allowed', () => '/moved/mcp', (self) => list(origin(self, { path: '' })), 'ok'],
    [
      'within the origin, to a path that is not allowed',
      () => '/moved/mcp',
      (self) => list(origin(self)),
      'CONNECT_NOT_ALLOWED',
    ],
    ['to another origin', (_, elsewhere) => elsewhere, () => undefined, 'OBSERVE_REDIRECT'],
    [
      'to another origin that is allowed',
      (_, elsewhere) => elsewhere,
      (self, elsewhere) => list(origin(self), origin(elsewhere)),
      'OBSERVE_REDIRECT',
    ],
    ['to a link-local address', () => 'http://169.254.169.254/latest/meta-data', () => undefined, 'OBSERVE_REDIRECT'],
  ];

  test.each(ROWS)('%s', async (_, target, allowlist, expected) => {
    const elsewhere = await serve();
    let location = '';
    const served = await serve({ redirect: () => location });
    location = target(served.url, elsewhere.url);
    const tried = server({ url: served.url }, { allowlist: allowlist(served.url, elsewhere.url) });
    expect(await outcome(tried)).toBe(expected);
    expect(elsewhere.sockets()).toBe(0);
    expect(served.requests.some((line) => line.includes('/moved'))).toBe(expected === 'ok');
  });
});

describe('an address of a network that is not public', () => {
  test.each([
    ['of a private network', 'https://10.1.2.3/mcp'],
    ['of a private network, in IPv6', 'https://[fd00::1]/mcp'],
    ['of a private network, as IPv4 in IPv6', 'https://[::ffff:192.168.0.1]/mcp'],
    ['of a provider’s network', 'https://100.64.0.1/mcp'],
    ['link-local, where clouds keep their credentials', 'https://169.254.169.254/mcp'],
    ['link-local, in IPv6', 'https://[fe80::1]/mcp'],
    ['no address at all', 'https://0.0.0.0/mcp'],
    ['behind a translator of addresses', 'https://[64:ff9b::a00:1]/mcp'],
  ])('%s', async (_, url) => {
    expect(await outcome(server({ url }))).toBe('CONNECT_PRIVATE_ADDRESS');
    // An allowlist entry is no word about the network.
    const entry = origin(url, { port: undefined });
    expect(
      await outcome(
        server(
          { url, network: 'private' },
          { allowlist: list({ ...entry, host: entry.host.replace(/^\[|\]$/g, '') }) },
        ),
      ),
    ).toBe('CONNECT_PRIVATE_ADDRESS');
  });

  test('says what to write where it is right', async () => {
    const url = 'https://10.1.2.3/mcp';
    await expect(observer.observe(server({ url }), new AbortController().signal)).rejects.toThrow('network: private');
  });
});

describe('a program and the allowlist', () => {
  const script = join(folder, 'server.mjs');
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  const ORIGINAL = `import ${JSON.stringify(join(SERVERS, 'full-surface.mjs'))};\n`;

  function start(text: string, executables: Allowlist['executables'], args: readonly string[] = [script]): Server {
    writeFileSync(script, text);
    const launch = { command: process.execPath, args, env: {}, cwd: folder };
    return {
      ...makeServer({ kind: 'stdio', launch }),
      allowlist: { origins: [], packages: [], executables, images: [] },
    };
  }

  const MARKED = `import { writeFileSync } from 'node:fs';\nwriteFileSync('started', '');\n${ORIGINAL}`;

  test.each([
    ['the script with its digest', ORIGINAL, [{ path: script, sha256: digest(ORIGINAL) }], [script], 'ok'],
    ['the script by a relative path', ORIGINAL, [{ path: script, sha256: digest(ORIGINAL) }], ['server.mjs'], 'ok'],
    [
      'the script with another content',
      MARKED,
      [{ path: script, sha256: digest(ORIGINAL) }],
      [script],
      'CONNECT_NOT_ALLOWED',
    ],
    [
      'another script',
      MARKED,
      [{ path: join(folder, 'other.mjs'), sha256: digest(MARKED) }],
      [script],
      'CONNECT_NOT_ALLOWED',
    ],
    [
      'a script that is not there',
      MARKED,
      [{ path: script, sha256: digest(MARKED) }],
      ['gone.mjs'],
      'CONNECT_NOT_ALLOWED',
    ],
    [
      'options before the script',
      MARKED,
      [{ path: script, sha256: digest(MARKED) }],
      ['--import', './server.mjs', script],
      'CONNECT_NOT_ALLOWED',
    ],
    ['an empty allowlist', MARKED, [], [script], 'CONNECT_NOT_ALLOWED'],
  ])('%s', async (_, text, executables, args, expected) => {
    expect(await outcome(start(text, executables, args))).toBe(expected);
    if (expected !== 'ok') expect(() => realpathSync(join(folder, 'started'))).toThrow('ENOENT');
  });

  test.each(['node', 'npx', 'python3'])('a file that only has the name %s', async (name) => {
    const evil = join(folder, name);
    writeFileSync(evil, '#!/bin/sh\ntouch started\n', { mode: 0o755 });
    const args = name === 'npx' ? ['-y', 'some-server'] : [script];
    writeFileSync(script, ORIGINAL);
    const allowlist = {
      origins: [],
      images: [],
      packages: [{ text: '', type: 'npm', name: 'some-server', version: undefined }],
      executables: [{ path: script, sha256: digest(ORIGINAL) }],
    } as const;
    const launch = { command: evil, args, env: {}, cwd: folder };
    expect(await outcome({ ...makeServer({ kind: 'stdio', launch }), allowlist })).toBe('CONNECT_NOT_ALLOWED');
    expect(() => realpathSync(join(folder, 'started'))).toThrow('ENOENT');
  });

  test('an HTTP server that we would start is held to it as well', async () => {
    const launch = { command: 'npx', args: ['-y', 'some-server@1.0.0'], env: {}, cwd: folder };
    const tried = { ...makeServer(http(launch, '/mcp')), allowlist: list() };
    expect(await outcome(tried)).toBe('CONNECT_NOT_ALLOWED');
    await expect(observer.observe(tried, new AbortController().signal)).rejects.toThrow('pkg:npm/some-server');
  });
});

describe('a name that is made to mean another machine', () => {
  test('is looked up at the moment of connecting, and refused when it means this one', async () => {
    const served = await serve();
    const { port } = new URL(served.url);
    const answers = ['9.9.9.9', '127.0.0.1'];
    // Stands for a name server of the attacker: it says something else each time.
    const guarded = checkedLookup('public', ((
      _host: string,
      _options: object,
      answer: (...found: unknown[]) => void,
    ) => {
      answer(null, [{ address: answers.shift(), family: 4 }]);
    }) as never);
    const first = await new Promise((resolve) => {
      guarded('rebind.example', {}, (error, address) => {
        resolve(error ?? address);
      });
    });
    expect(first).toBe('9.9.9.9');
    const socket = connect({ host: 'rebind.example', port: Number(port), lookup: guarded });
    const error: unknown = await new Promise((resolve) => socket.once('error', resolve));
    expect(codeOf(error)).toBe('CONNECT_PRIVATE_ADDRESS');
    expect(served.sockets()).toBe(0);
  });

  test('a name of this machine may not lead to another', async () => {
    const elsewhere = ((_host: string, _options: object, answer: (...found: unknown[]) => void) => {
      answer(null, [{ address: '9.9.9.9', family: 4 }]);
    }) as never;
    const socket = connect({
      host: 'localhost',
      port: 1,
      lookup: checkedLookup(reachOf('localhost', 'public'), elsewhere),
    });
    const error: unknown = await new Promise((resolve) => socket.once('error', resolve));
    expect(codeOf(error)).toBe('CONNECT_PRIVATE_ADDRESS');
  });
});
