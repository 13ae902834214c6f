import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { OAuthSettings } from '../../src/model/oauth.js';
import type { Server } from '../../src/model/server.js';
import { createSignInWorld, PERSON, type SignInWorld } from './sign-in-world.js';
import { SERVICE, SIGNER, startAuthorization, walkThrough } from './start-authorization.js';
import { type HostileAuthorization, json, startHostileAuthorization } from './start-hostile-authorization.js';

let world: SignInWorld;
let running: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  world = await createSignInWorld();
});
afterEach(async () => {
  await Promise.all(running.map(async (one) => one.close()));
  running = [];
  await world.close();
});

async function start<One extends { close(): Promise<void> }>(starting: Promise<One>): Promise<One> {
  const one = await starting;
  running.push(one);
  return one;
}

/** A client that shows a secret, and signs in by itself. */
function service({ origin }: HostileAuthorization, clientSecret: string = SERVICE.clientSecret): OAuthSettings {
  return { ...SERVICE, clientSecret, issuer: origin, scope: 'mcp', grant: 'client_credentials' };
}

function hurried(server: Server): Server {
  return { ...server, limits: { ...server.limits, requestMs: 500 } };
}

describe('answers that would use us up', () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
  const PLACES = ['onResourceMetadata', 'onMetadata', 'onToken'] as const;

  test.each(PLACES)('a few bytes that are many when they are unpacked (%s)', async (place) => {
    const wicked = await start(
      startHostileAuthorization({
        [place]: (_: unknown, response: ServerResponse) => {
          response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
        },
      }),
    );
    const server = world.server(wicked.url, { oauth: service(wicked) });
    expect(await world.look(server)).toContain('OBSERVE_MESSAGE_TOO_LARGE: an answer is larger than 1048576 bytes');
  });

  test.each(PLACES)('a byte now and then, for ever (%s)', async (place) => {
    const wicked = await start(
      startHostileAuthorization({
        [place]: (_: unknown, response: ServerResponse) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          const timer = setInterval(() => response.write(' '), 100);
          response.on('close', () => {
            clearInterval(timer);
          });
        },
      }),
    );
    const server = hurried(world.server(wicked.url, { oauth: service(wicked) }));
    expect(await world.look(server)).toContain('OBSERVE_TIMEOUT');
  });
});

describe('a token that is none', () => {
  test.each([
    ['that carries another header', 'abc\r\nx-evil: 1'],
    ['of characters that no header has', 'ab\u0100c'],
    ['with nothing in it', ''],
  ])('%s', async (_, accessToken) => {
    const wicked = await start(
      startHostileAuthorization({
        onToken: (_request, response) => {
          json(response, 200, { access_token: accessToken, token_type: 'Bearer' });
        },
      }),
    );
    const said = await world.look(world.server(wicked.url, { oauth: service(wicked) }));
    expect(said).toBe('OAUTH_FAILED: the authorization server gave a token that no header can carry');
    expect(wicked.requests.join('\n')).not.toContain('x-evil');
  });

  test('that lives until after the end of the calendar is used, and not renewed early', async () => {
    const wicked = await start(
      startHostileAuthorization({
        onToken: (_request, response) => {
          json(response, 200, { access_token: 'eternal', token_type: 'Bearer', expires_in: 1e300 });
        },
      }),
    );
    await world.look(world.server(wicked.url, { oauth: service(wicked) }));
    expect(wicked.requests.filter((line) => line.includes('Bearer eternal')).length).toBeGreaterThan(0);
  });
});

describe('errors that repeat what was sent show no secret', () => {
  /** An authorization server that refuses, and says all that it was told. */
  async function parrot(): Promise<HostileAuthorization> {
    return await start(
      startHostileAuthorization({
        onToken: ({ headers }, response, body) => {
          // Each alone: what is shown of an error is cut.
          const all = [
            headers.authorization?.replace('Basic ', ''),
            ...new URLSearchParams(body).values(),
            body.slice(-200),
          ];
          json(response, 400, { error: 'invalid_request', error_description: all.join(' | ') });
        },
      }),
    );
  }

  test('as it is shown in the header', async () => {
    const wicked = await parrot();
    const said = await world.look(world.server(wicked.url, { oauth: service(wicked, 'planted/in+the store') }));
    expect(said).toContain('OAUTH_FAILED');
    expect(said).toContain('[hidden]');
    const basic = ['planted/in+the store', encodeURIComponent('planted/in+the store')];
    for (const secret of basic) expect(said).not.toContain(Buffer.from(`service:${secret}`).toString('base64'));
  });

  test('as it is signed', async () => {
    const wicked = await parrot();
    const oauth: OAuthSettings = { ...SIGNER, issuer: wicked.origin, scope: 'mcp', grant: 'client_credentials' };
    const said = await world.look(world.server(wicked.url, { oauth }));
    expect(said).toContain('[hidden]');
    expect(said).not.toMatch(/eyJ\w+/);
  });

  test('as a code', async () => {
    const wicked = await parrot();
    const said = await world.signIn(world.server(wicked.url), (url) => {
      void comeBack(url, { code: 'planted-code-4716' });
    });
    expect(said).toContain('[hidden]');
    expect(said).not.toContain('planted-code-4716');
  });
});

/** Comes back from the authorization server in a browser; returns what the page shows. */
async function comeBack(link: URL, answer: Readonly<Record<string, string>>, path = '/callback'): Promise<string> {
  const back = new URL(link.searchParams.get('redirect_uri') ?? '');
  back.pathname = path;
  back.search = new URLSearchParams({ state: link.searchParams.get('state') ?? '', ...answer }).toString();
  return await (await fetch(back)).text();
}

describe('an answer that another authorization server made (mix-up, RFC 9207)', () => {
  test.each([
    ['with the name of the other one', {}, { iss: 'https://honest.example' }],
    ['without a name, where names are announced', { authorization_response_iss_parameter_supported: true }, {}],
    ['with a name that only begins like it', {}, { iss: 'ORIGIN.evil.example' }],
  ])('%s', async (_, metadata, answer) => {
    const wicked = await start(startHostileAuthorization({ metadata }));
    const given = Object.fromEntries(
      Object.entries(answer).map(([name, value]) => [name, value.replace('ORIGIN', wicked.origin)]),
    );
    const said = await world.signIn(world.server(wicked.url), (url) => void comeBack(url, { code: 'x', ...given }));
    expect(said).toContain('OAUTH_UNSAFE: the answer came from');
    // Neither the code nor its verifier went anywhere.
    expect(wicked.requests.filter((line) => line.startsWith('POST /token'))).toEqual([]);
  });
});

describe('pages of others that call on the port where the answer comes back', () => {
  test.each([
    ['without a path', 'GET // HTTP/1.1'],
    ['for a whole address', 'GET http://evil.example/callback?code=x&state=y HTTP/1.1'],
    ['with a state that was guessed', 'GET /callback?code=x&state=guessed HTTP/1.1'],
    ['with an empty state', 'GET /callback?code=x&state= HTTP/1.1'],
    ['by a form', 'POST /callback?code=x HTTP/1.1\r\nContent-Length: 0'],
    ['with half an escape', 'GET /callback?code=%E0%A4%A&state=%ZZ HTTP/1.1'],
    ['with nonsense', 'NO HTTP AT ALL'],
  ])('%s', async (_, request) => {
    const authorization = await start(startAuthorization());
    let answered = '';
    const said = await world.signIn(world.server(authorization.url), (url) => {
      const { port } = new URL(url.searchParams.get('redirect_uri') ?? '');
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('data', (chunk: Buffer) => (answered += chunk.toString('utf8')));
      socket.on('close', () => void walkThrough(url));
      socket.on('error', () => undefined);
      socket.end(`${request}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
    });
    expect(answered).toMatch(/^HTTP\/1\.1 40[04]/);
    expect(said).toBe('ok');
  });
});

describe('a link that would open something else than a page to sign in on', () => {
  test.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'ssh://evil.example/-oProxyCommand=x',
    'https://login.example@evil.example/',
    'https://0xa9fea9fe/',
    'https://[::ffff:169.254.169.254]/',
    'https://[::10.0.0.1]/',
    'http://evil.example/',
  ])('%s', async (endpoint) => {
    const wicked = await start(startHostileAuthorization({ metadata: { authorization_endpoint: endpoint } }));
    let opened: string | undefined;
    const said = await world.signIn(world.server(wicked.url), (url) => (opened = url.href));
    expect(said).toMatch(/^(?:CONNECT_NOT_ALLOWED|CONNECT_PRIVATE_ADDRESS|OAUTH_FAILED):/);
    expect(opened).toBeUndefined();
  });

  test('a link of a million characters is not printed', async () => {
    const endpoint = `ORIGIN/authorize?${'x'.repeat(1_000_000)}`;
    const wicked = await start(startHostileAuthorization({ metadata: { authorization_endpoint: endpoint } }));
    let opened: string | undefined;
    const said = await world.signIn(world.server(wicked.url), (url) => (opened = url.href));
    expect(said).toMatch(/^OAUTH_FAILED: the link to sign in has \d+ characters$/);
    expect(opened).toBeUndefined();
  });

  test('escapes of a terminal in it are escaped', async () => {
    const endpoint = 'ORIGIN/\u001b]8;;https://evil.example\u0007sign\u202ein?\u001b[2J=1';
    const wicked = await start(startHostileAuthorization({ metadata: { authorization_endpoint: endpoint } }));
    let opened = '';
    await world.signIn(world.server(wicked.url), (url) => {
      opened = url.href;
      void comeBack(url, { error: 'access_denied' });
    });
    expect(opened).toContain('sign');
    expect(opened).toMatch(/^[\x21-\x7e]+$/);
  });
});

describe('a server that would have us ask others', () => {
  test.each([
    ['where clouds keep credentials', 'http://169.254.169.254/latest/meta-data'],
    ['in IPv6 that means IPv4', 'https://[::ffff:10.0.0.1]/'],
    ['in the oldest IPv6 that means IPv4', 'https://[::10.0.0.1]/'],
    ['behind a translator', 'https://[64:ff9b::10.0.0.1]/'],
    ['behind a tunnel', 'https://[2002:a00:1::]/'],
    ['as a number', 'https://2852039166/'],
    ['a file', 'file:///etc/passwd'],
    ['without TLS', 'http://mcp.example/'],
  ])('%s, by the address of its metadata', async (_, address) => {
    const challenge = `Bearer resource_metadata="${address}"`;
    const wicked = await start(startHostileAuthorization({ challenge }));
    let opened: string | undefined;
    const said = await world.signIn(world.server(wicked.url), (url) => (opened = url.href));
    expect(said).toMatch(/^CONNECT_(?:NOT_ALLOWED|PRIVATE_ADDRESS):/);
    // Nor does it go on with what it could do without that metadata.
    expect(opened).toBeUndefined();
  });
});

test('a server that names another authorization server later gets no refresh token sent there', async () => {
  const evil = await start(startHostileAuthorization());
  const named: { now?: string } = {};
  const honest = await start(startAuthorization({ names: () => named.now }));
  const server = world.server(honest.url);
  expect(await world.signIn(server)).toBe('ok');
  expect(await world.look(server)).toBe('ok');
  const { tokens } = JSON.parse(await world.kept()) as { tokens: { refresh_token: string } };
  named.now = evil.origin;
  honest.revokeAccess();
  expect(await world.look(server)).toBe('ok');
  honest.revokeAccess();
  honest.revokeRefresh();
  expect(await world.look(server)).toContain('OAUTH_LOGIN_NEEDED');
  expect(evil.requests.join('\n')).not.toContain(tokens.refresh_token);
});

test('several that renew at once use a refresh token once, and all are let in', async () => {
  const authorization = await start(startAuthorization());
  const server = world.server(authorization.url);
  await world.signIn(server);
  world.pass(595_000);
  const all = await Promise.all(Array.from({ length: 6 }, async () => world.look(server)));
  expect(all).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
  expect(authorization.asked.filter(({ grant_type: grant }) => grant === 'refresh_token').length).toBe(1);
});

test('a sign-in that nobody finishes leaves the tokens that are there', async () => {
  const authorization = await start(startAuthorization());
  const server = world.server(authorization.url);
  await world.signIn(server);
  expect(await world.signIn(server, (url) => void comeBack(url, { error: 'access_denied' }))).toContain('OAUTH_FAILED');
  expect(await world.look(server)).toBe('ok');
});

test('a token for another server is not taken by this one, and the check says that it could not be made', async () => {
  const authorization = await start(startAuthorization({ audience: 'https://other.example/mcp' }));
  const oauth: OAuthSettings = { ...SERVICE, issuer: authorization.issuer, scope: 'mcp', grant: 'client_credentials' };
  expect(await world.look(world.server(authorization.url, { oauth }))).toContain('OBSERVE_HTTP_STATUS');
  expect(authorization.asked.map(({ resource }) => resource)).toEqual([authorization.url, authorization.url]);
});

describe('a document about us (client-ID metadata document)', () => {
  const clientMetadataUrl = 'https://ours.example/sealwatch.json';

  test.each([
    ['is our id where the server takes such', { client_id_metadata_document_supported: true }, clientMetadataUrl],
    ['is not mentioned where it takes none, and we register', {}, 'registered'],
  ])('%s', async (_, metadata, expected) => {
    const taker = await start(startHostileAuthorization({ metadata }));
    let shown: string | null = null;
    await world.signIn(world.server(taker.url, { oauth: { ...PERSON, clientMetadataUrl } }), (url) => {
      shown = url.searchParams.get('client_id');
      void comeBack(url, { error: 'access_denied' });
    });
    expect(shown).toBe(expected);
    expect(taker.requests.some((line) => line.startsWith('POST /register'))).toBe(expected === 'registered');
  });
});
