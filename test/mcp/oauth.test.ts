import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { codeOf, messageOf } from '../../src/errors.js';
import { login } from '../../src/mcp/login.js';
import { createOAuthFetch } from '../../src/mcp/oauth-fetch.js';
import { createObserver } from '../../src/mcp/observer.js';
import { readPosture } from '../../src/mcp/posture.js';
import type { OAuthSettings } from '../../src/model/oauth.js';
import type { HttpConnection, Server } from '../../src/model/server.js';
import type { Store, Vault } from '../../src/ports.js';
import { createStore, openStore } from '../../src/store/open-store.js';
import { createVault } from '../../src/store/vault.js';
import { http, makeServer } from './make-server.js';
import { type Served, serveMcp } from './serve-mcp.js';
import { type Authorization, SERVICE, SIGNER, startAuthorization, walkThrough } from './start-authorization.js';

const PERSON: OAuthSettings = {
  clientId: undefined,
  clientSecret: undefined,
  privateKey: undefined,
  clientMetadataUrl: undefined,
  issuer: undefined,
  scope: undefined,
  grant: 'authorization_code',
};

let folder: string;
let store: Store;
let vault: Vault;
let ahead = 0;
let authorization: Authorization;
let elsewhere: Served;
const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
const clock = { now: () => new Date(Date.now() + ahead), monotonicMs: () => performance.now() };

beforeEach(async () => {
  ahead = 0;
  folder = mkdtempSync(join(tmpdir(), 'sealwatch-oauth-'));
  await createStore(folder, { clock, random });
  store = await openStore(folder, { clock, random });
  vault = createVault(store, { keys: [randomBytes(32)], clock, random, folder });
  elsewhere = await serveMcp();
});
afterEach(async () => {
  await authorization.close();
  await elsewhere.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

function tried(
  more: Partial<HttpConnection> = {},
  rest: Partial<Server> = {},
): Server & { connection: HttpConnection } {
  const connection = http(undefined, '', {
    url: authorization.url,
    transport: 'streamable-http',
    oauth: PERSON,
    ...more,
  });
  return { ...makeServer(connection), ...rest, connection };
}

/** Signs in as a person would, and returns what the browser shows at the end. */
async function signIn(server: Server & { connection: HttpConnection }): Promise<string> {
  let shown: Promise<string> = Promise.resolve('no link');
  await login(server, server.connection, {
    clock,
    random,
    vault,
    clientVersion: '0.0.0',
    onLink: (url) => {
      shown = walkThrough(url);
      shown.catch(() => undefined);
    },
    signal: AbortSignal.timeout(20_000),
  });
  return await shown;
}

async function look(server: Server): Promise<string> {
  const observer = createObserver({ clock, clientVersion: '0.0.0', vault });
  try {
    const { pages } = await observer.observe(server, new AbortController().signal);
    return pages.length > 0 ? 'ok' : 'nothing';
  } catch (error) {
    return codeOf(error);
  }
}

async function codeFrom(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'ok';
  } catch (error) {
    return codeOf(error);
  }
}

describe('a person signs in', () => {
  beforeEach(async () => {
    authorization = await startAuthorization();
  });

  test('and the server is checked from then on', async () => {
    expect(await look(tried())).toBe('OAUTH_LOGIN_NEEDED');
    expect(await signIn(tried())).toContain('You can close this window');
    expect(await look(tried())).toBe('ok');
    expect(authorization.leaked).toEqual([]);
  });

  test('PKCE is S256, the resource is named in both requests, and the redirect leads to this machine', async () => {
    await signIn(tried());
    const [request, exchange] = authorization.asked;
    expect(request).toMatchObject({
      code_challenge_method: 'S256',
      resource: authorization.url,
      response_type: 'code',
    });
    expect(request?.['redirect_uri']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(exchange).toMatchObject({ grant_type: 'authorization_code', resource: authorization.url });
    expect(exchange?.['code_verifier']?.length).toBeGreaterThanOrEqual(43);
  });

  test('a second time with the same client, at the same address', async () => {
    await signIn(tried());
    const first = authorization.asked[0];
    await signIn(tried());
    const again = authorization.asked.filter(({ response_type: type }) => type === 'code').at(-1);
    expect([again?.['client_id'], again?.['redirect_uri']]).toEqual([first?.['client_id'], first?.['redirect_uri']]);
  });

  test('a token that the server does not take any more is renewed, and the new refresh token is kept', async () => {
    await signIn(tried());
    await look(tried());
    authorization.revokeAccess();
    expect(await look(tried())).toBe('ok');
    authorization.revokeAccess();
    expect(await look(tried())).toBe('ok');
    const renewals = authorization.asked.filter(({ grant_type: grant }) => grant === 'refresh_token');
    expect(new Set(renewals.map(({ refresh_token: token }) => token)).size).toBe(2);
    const server = tried();
    const { lines } = await readPosture(server, server.connection, { clock, vault, protocolVersion: '2025-11-25' });
    expect(lines.find(({ id }) => id === 'refresh-rotation')?.status).toBe('met');
    expect(lines.find(({ id }) => id === 'token-lifetime')?.status).toBe('met');
  });

  test('a token that ends soon is renewed before it is used', async () => {
    await signIn(tried());
    ahead = 595_000;
    expect(await look(tried())).toBe('ok');
    expect(authorization.asked.at(-1)).toMatchObject({ grant_type: 'refresh_token', resource: authorization.url });
  });

  test('when nothing can be renewed, it could not be checked, and the error says what repairs it', async () => {
    await signIn(tried());
    await look(tried());
    authorization.revokeAccess();
    authorization.revokeRefresh();
    const observer = createObserver({ clock, clientVersion: '0.0.0', vault });
    const failed = observer.observe(tried(), new AbortController().signal);
    await expect(failed).rejects.toMatchObject({ code: 'OAUTH_LOGIN_NEEDED' });
    await expect(failed).rejects.toThrow('sealwatch login tried');
  });

  test('what is kept for one address is not shown to another', async () => {
    await signIn(tried());
    expect(await look(tried({ url: elsewhere.url }))).toBe('OAUTH_LOGIN_NEEDED');
    expect(elsewhere.sockets()).toBe(0);
  });

  test('no token stands in the store, nor in an error of a server that repeats it', async () => {
    await signIn(tried());
    const kept = JSON.parse((await vault.load('oauth/tried')) ?? '{}') as {
      tokens: { access_token: string; refresh_token: string };
    };
    const secrets = [kept.tokens.access_token, kept.tokens.refresh_token];
    const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'));
    for (const secret of secrets) expect(files.some((text) => text.includes(secret))).toBe(false);
    await look(tried());
    authorization.revokeAccess();
    authorization.revokeRefresh();
    const observer = createObserver({ clock, clientVersion: '0.0.0', vault });
    const message = await observer.observe(tried(), new AbortController().signal).then(String, messageOf);
    for (const secret of secrets) expect(message).not.toContain(secret);
  });

  test('who does not come back is not waited for, and an answer without our state is none', async () => {
    const server = tried();
    const waiting = login(server, server.connection, {
      clock,
      random,
      vault,
      clientVersion: '0.0.0',
      onLink: (url) => {
        const callback = new URL(url.searchParams.get('redirect_uri') ?? '');
        callback.search = 'code=stolen&state=guessed';
        void fetch(callback);
      },
      signal: AbortSignal.timeout(500),
    });
    expect(await codeFrom(waiting)).toBe('INTERRUPTED');
  });

  test('the allowlist holds for the authorization server as well', async () => {
    const { protocol, hostname, port } = new URL(authorization.url);
    const origin = {
      text: '',
      protocol: protocol as 'http:',
      host: hostname,
      isWildcard: false,
      port: Number(port),
      path: '',
      network: 'public',
    } as const;
    const server = tried({}, { allowlist: { origins: [origin], packages: [], executables: [], images: [] } });
    expect(await codeFrom(signIn({ ...server, connection: server.connection }))).toBe('CONNECT_NOT_ALLOWED');
    expect(authorization.asked).toEqual([]);
  });
});

describe('a client signs in by itself', () => {
  test('with its own secret, and again when the token ends', async () => {
    authorization = await startAuthorization();
    const settings: OAuthSettings = {
      ...SERVICE,
      issuer: authorization.issuer,
      scope: 'mcp',
      grant: 'client_credentials',
    };
    expect(await look(tried({ oauth: settings }))).toBe('ok');
    authorization.revokeAccess();
    expect(await look(tried({ oauth: settings }))).toBe('ok');
    expect(authorization.asked[0]).toMatchObject({ grant_type: 'client_credentials', resource: authorization.url });
  });

  test('by a signature instead of a secret', async () => {
    authorization = await startAuthorization();
    const { issuer } = authorization;
    const settings: OAuthSettings = { ...SIGNER, issuer, scope: 'mcp', grant: 'client_credentials' };
    expect(await look(tried({ oauth: settings }))).toBe('ok');
    expect(authorization.asked[0]).toMatchObject({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    });
    expect(authorization.asked[0]).not.toHaveProperty('client_secret');
  });

  test('and once more with the rights that the server asks for, which later tokens have too', async () => {
    authorization = await startAuthorization({ wants: { scope: 'mcp:more' } });
    const { issuer } = authorization;
    const settings: OAuthSettings = { ...SERVICE, issuer, scope: 'mcp', grant: 'client_credentials' };
    expect(await look(tried({ oauth: settings }))).toBe('ok');
    authorization.revokeAccess();
    expect(await look(tried({ oauth: settings }))).toBe('ok');
    expect(authorization.asked.map(({ scope }) => scope)).toEqual(['mcp', 'mcp mcp:more', 'mcp mcp:more']);
  });

  test('but not for ever, where no rights are enough', async () => {
    authorization = await startAuthorization({ wants: { scope: 'mcp:more', always: true } });
    const { issuer } = authorization;
    const settings: OAuthSettings = { ...SERVICE, issuer, scope: 'mcp', grant: 'client_credentials' };
    expect(await look(tried({ oauth: settings }))).toBe('OBSERVE_HTTP_STATUS');
    expect(authorization.asked.length).toBe(2);
  });
});

describe('a server that wants more rights than a person was asked for', () => {
  test('gets them at the same sign-in', async () => {
    authorization = await startAuthorization({ wants: { scope: 'mcp:more' } });
    await signIn(tried());
    expect(await look(tried())).toBe('ok');
    const scopes = authorization.asked.flatMap(({ response_type: type, scope }) => (type === 'code' ? [scope] : []));
    expect(scopes).toEqual(['mcp', 'mcp mcp:more']);
  });

  test('asks twice at most, and the check says what to do', async () => {
    authorization = await startAuthorization({ wants: { scope: 'mcp:more', always: true } });
    await signIn(tried());
    const observing = createObserver({ clock, clientVersion: '0.0.0', vault }).observe(
      tried(),
      new AbortController().signal,
    );
    await expect(observing).rejects.toThrow('it asks for more rights ("mcp mcp:more"): run `sealwatch login');
    expect(authorization.asked.filter(({ response_type: type }) => type === 'code').length).toBe(2);
  });
});

test('a server that names an authorization server of its own is not shown the secret of our client', async () => {
  authorization = await startAuthorization();
  const issuer = 'https://login.example';
  const settings: OAuthSettings = { ...SERVICE, issuer, scope: 'mcp', grant: 'client_credentials' };
  expect(await look(tried({ oauth: settings }))).toBe('OAUTH_FAILED');
  expect(authorization.asked).toEqual([]);
});

test('a server of another machine that sends us to one of ours is refused', async () => {
  authorization = await startAuthorization();
  const guarded = createOAuthFetch(tried(), http(undefined, '', { url: 'https://mcp.example' }));
  expect(await codeFrom(guarded.fetch(`${elsewhere.url}/.well-known/openid-configuration`))).toBe(
    'CONNECT_PRIVATE_ADDRESS',
  );
  expect(elsewhere.sockets()).toBe(0);
});

describe('an authorization server that is not safe is refused', () => {
  test.each([
    ['without PKCE', { metadata: { code_challenge_methods_supported: undefined } }, 'OAUTH_UNSAFE'],
    ['with PKCE in plain', { metadata: { code_challenge_methods_supported: ['plain'] } }, 'OAUTH_UNSAFE'],
    ['with another name than its address', { metadata: { issuer: 'https://elsewhere.example' } }, 'OAUTH_UNSAFE'],
    ['without TLS on another machine', { names: 'http://198.18.0.1' }, 'CONNECT_NOT_ALLOWED'],
    ['within the internal network', { names: 'https://169.254.169.254' }, 'CONNECT_PRIVATE_ADDRESS'],
    [
      'with endpoints within the internal network',
      { metadata: { registration_endpoint: 'https://10.0.0.1/reg' } },
      'CONNECT_PRIVATE_ADDRESS',
    ],
    [
      'that has another program open the link',
      { metadata: { authorization_endpoint: 'ms-word:ofe|u|x' } },
      'CONNECT_NOT_ALLOWED',
    ],
    [
      'that sends the browser to a page without TLS',
      { metadata: { authorization_endpoint: 'http://198.18.0.1/auth' } },
      'CONNECT_NOT_ALLOWED',
    ],
  ])('%s', async (_, flaws, expected) => {
    authorization = await startAuthorization(flaws);
    expect(await codeFrom(signIn(tried()))).toBe(expected);
  });

  test('that redirects the code to somebody else', async () => {
    authorization = await startAuthorization({ redirect: elsewhere.url });
    expect(await codeFrom(signIn(tried()))).toBe('OBSERVE_REDIRECT');
    expect(elsewhere.sockets()).toBe(0);
  });
});

test('an authorization server that repeats what it was sent shows no secret', async () => {
  authorization = await startAuthorization({ echoes: true });
  await signIn(tried());
  await look(tried());
  const kept = JSON.parse((await vault.load('oauth/tried')) ?? '{}') as { tokens: { refresh_token: string } };
  authorization.revokeAccess();
  authorization.revokeRefresh();
  const observer = createObserver({ clock, clientVersion: '0.0.0', vault });
  const message = await observer.observe(tried(), new AbortController().signal).then(String, messageOf);
  expect(message).toContain('signing in failed');
  expect(message).toContain('[hidden]');
  expect(message).not.toContain(kept.tokens.refresh_token);
});

test('an authorization server that is down for a while is no reason to sign in again', async () => {
  authorization = await startAuthorization({ isDown: true });
  await signIn(tried());
  await look(tried());
  authorization.revokeAccess();
  authorization.revokeRefresh();
  expect(await look(tried())).toBe('OAUTH_FAILED');
});

describe('the vault', () => {
  beforeEach(async () => {
    authorization = await startAuthorization();
  });

  test('opens nothing with another key, nothing that was changed, and nothing under another name', async () => {
    await vault.save('a', 'secret');
    const other = createVault(store, { keys: [randomBytes(32)], clock, random, folder });
    expect(await codeFrom(other.load('a'))).toBe('SECRET_SEALED');
    const sealed = (await store.loadSealed('a')) ?? '';
    await store.saveSealed('b', sealed, clock.now().toISOString());
    expect(await codeFrom(vault.load('b'))).toBe('SECRET_SEALED');
    await store.saveSealed('a', `${sealed.slice(0, -6)}AAAA==`, clock.now().toISOString());
    expect(await codeFrom(vault.load('a'))).toBe('SECRET_SEALED');
    await vault.save('a', undefined);
    expect(await vault.load('a')).toBeUndefined();
  });
});
