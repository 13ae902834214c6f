import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const CLIENT_ID = 'sealwatch';
export const CLIENT_SECRET = 'the secret of the client, which is known to the provider too';

/** What a provider answers where it should answer with tokens; everything else of it is as it should be. */
export interface Misdeed {
  /** Claims of the ID token beside or in place of the right ones; `undefined` takes one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How the ID token is signed. */
  readonly signature?: 'right' | 'foreign-key' | 'none' | 'client-secret' | 'broken';
  /** In place of the whole answer of the token endpoint. */
  readonly tokens?: (response: ServerResponse) => void;
  /** Members of the metadata in place of the right ones. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly userInfo?: Readonly<Record<string, unknown>>;
}

export interface HostileProvider {
  readonly issuer: string;
  /** What it does from now on. */
  misdeed: Misdeed;
  /** The nonce that the next ID token is for. */
  nonce: string;
  /** Of the requests for tokens: what the client sent. */
  readonly exchanges: readonly URLSearchParams[];
  close(): Promise<void>;
}

/** Starts an OpenID Connect provider that can lie about everything it says. */
export async function startHostileProvider(): Promise<HostileProvider> {
  const [ours, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const exchanges: URLSearchParams[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void answer(request.url ?? '', Buffer.concat(chunks).toString('utf8'), response);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const provider: HostileProvider = {
    issuer,
    misdeed: {},
    nonce: '',
    exchanges,
    close: () =>
      new Promise((resolve) => {
        http.close(() => {
          resolve();
        });
        http.closeAllConnections();
      }),
  };

  async function answer(path: string, body: string, response: ServerResponse): Promise<void> {
    const { misdeed } = provider;
    switch (path) {
      case '/.well-known/openid-configuration':
        json(response, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          authorization_response_iss_parameter_supported: true,
          code_challenge_methods_supported: ['S256'],
          ...misdeed.metadata,
        });
        return;
      case '/keys':
        json(response, { keys: [jwk] });
        return;
      case '/userinfo':
        json(response, misdeed.userInfo ?? { sub: 'ann' });
        return;
      case '/token':
        exchanges.push(new URLSearchParams(body));
        if (misdeed.tokens !== undefined) misdeed.tokens(response);
        else json(response, { access_token: 'access', token_type: 'Bearer', id_token: await idToken(misdeed) });
        return;
      default:
        response.writeHead(404).end();
    }
  }

  async function idToken({ claims, signature = 'right' }: Misdeed): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: issuer, aud: CLIENT_ID, sub: 'ann', iat: now, exp: now + 300, nonce: provider.nonce };
    const said: Record<string, unknown> = { ...right, preferred_username: 'ann', groups: ['security'], ...claims };
    const payload = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
    const token = (alg: string) => new SignJWT(payload).setProtectedHeader({ alg, kid: 'one' });
    switch (signature) {
      case 'foreign-key':
        return token('RS256').sign(foreign.privateKey);
      case 'client-secret':
        return token('HS256').sign(Buffer.from(CLIENT_SECRET));
      case 'broken':
        return (await token('RS256').sign(ours.privateKey)).replace(/\.[^.]{10}/, '.AAAAAAAAAA');
      case 'none':
        return `${base64url({ alg: 'none' })}.${base64url(payload)}.`;
      case 'right':
        return token('RS256').sign(ours.privateKey);
    }
  }

  return provider;
}

/** Answers with JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
