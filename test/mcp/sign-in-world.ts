import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { codeOf, messageOf } from '../../src/errors.js';
import { login } from '../../src/mcp/login.js';
import { createObserver } from '../../src/mcp/observer.js';
import type { OAuthSettings } from '../../src/model/oauth.js';
import type { HttpConnection, Server } from '../../src/model/server.js';
import type { Vault } from '../../src/ports.js';
import { createStore, openStore } from '../../src/store/open-store.js';
import { createVault } from '../../src/store/vault.js';
import { http, makeServer } from './make-server.js';
import { walkThrough } from './start-authorization.js';

type HttpServer = Server & { readonly connection: HttpConnection };

/** A store with a vault, a clock that can be put forward, and somebody who signs in. */
export interface SignInWorld {
  readonly vault: Vault;
  pass(ms: number): void;
  /** What is kept of the server, as text. */
  kept(): Promise<string>;
  server(url: string, more?: Partial<HttpConnection>, rest?: Partial<Server>): HttpServer;
  /** Signs in as a person would; `onLink` gets the address that a browser would open. Returns `ok`, or code and message. */
  signIn(server: HttpServer, onLink?: (url: URL) => void): Promise<string>;
  /** Lists the server; returns `ok`, or code and message. */
  look(server: Server): Promise<string>;
  close(): Promise<void>;
}

export const PERSON: OAuthSettings = {
  clientId: undefined,
  clientSecret: undefined,
  privateKey: undefined,
  clientMetadataUrl: undefined,
  issuer: undefined,
  scope: undefined,
  grant: 'authorization_code',
};

/** Long enough for a person of the test, who is quick. */
const SIGN_IN_MS = 15_000;

export async function createSignInWorld(): Promise<SignInWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-sign-in-'));
  let ahead = 0;
  const clock = { now: () => new Date(Date.now() + ahead), monotonicMs: () => performance.now() };
  const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
  await createStore(folder, { clock, random });
  const store = await openStore(folder, { clock, random });
  const vault = createVault(store, { keys: [randomBytes(32)], clock, random, folder });
  const observer = createObserver({ clock, clientVersion: '0.0.0', vault });
  return {
    vault,
    pass: (ms) => {
      ahead += ms;
    },
    kept: async () => (await vault.load('oauth/tried')) ?? '{}',
    server: (url, more = {}, rest = {}) => {
      const connection = http(undefined, '', { url, transport: 'streamable-http', oauth: PERSON, ...more });
      return { ...makeServer(connection), ...rest, connection };
    },
    signIn: async (server, onLink = walk) => {
      const signal = AbortSignal.timeout(SIGN_IN_MS);
      return await said(login(server, server.connection, { clock, random, vault, clientVersion: '0', onLink, signal }));
    },
    look: async (server) => await said(observer.observe(server, new AbortController().signal)),
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function walk(url: URL): void {
  void walkThrough(url).catch(() => undefined);
}

async function said(action: Promise<unknown>): Promise<string> {
  return await action.then(
    () => 'ok',
    (error: unknown) => `${codeOf(error)}: ${messageOf(error)}`,
  );
}
