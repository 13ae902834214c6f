import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Provider } from 'oidc-provider';

/** A real authorization server that gives access tokens to programs. */
export interface TokenIssuer {
  readonly issuer: string;
  /** The program that may ask what a token is worth. */
  readonly introspector: { readonly clientId: string; readonly clientSecret: string };
  /** How often it was asked what a token is worth. */
  readonly introspections: () => number;
  /** Returns a token of a program, by its name. */
  token(request: { readonly client: string; readonly resource: string; readonly scope?: string }): Promise<string>;
  /** From now on a token is worth nothing. */
  revoke(client: string, token: string): Promise<void>;
  close(): Promise<void>;
}

const SECRET = 'a secret that only this test knows';

/** `groups`: by program, what stands in the claim of that name. */
export async function startTokenIssuer(options: {
  readonly format: 'jwt' | 'opaque';
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly scopes: readonly string[];
}): Promise<TokenIssuer> {
  const { format, groups, scopes } = options;
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  let introspections = 0;
  const provider = new Provider(issuer, {
    clients: [...Object.keys(groups), 'gateway'].map((client) => ({
      client_id: client,
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    scopes: [...scopes],
    features: {
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_context: unknown, client: { clientId: string }) => client.clientId === 'gateway',
      },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, audience: string) => ({
          scope: scopes.join(' '),
          audience,
          accessTokenTTL: 600,
          accessTokenFormat: format,
          ...(format === 'jwt' ? { jwt: { sign: { alg: 'RS256' } } } : {}),
        }),
      },
    },
    extraTokenClaims: (_context: unknown, { clientId }: { clientId: string }) => ({ groups: groups[clientId] ?? [] }),
    cookies: { keys: ['of this test'] },
    ttl: { ClientCredentials: 600 },
  });
  const handle = provider.callback();
  http.on('request', (request, response) => {
    if (request.url?.startsWith('/token/introspection') === true) introspections += 1;
    handle(request, response);
  });
  const post = async (path: string, client: string, form: Readonly<Record<string, string>>): Promise<Response> =>
    await fetch(`${issuer}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client}:${encodeURIComponent(SECRET)}`).toString('base64')}` },
      body: new URLSearchParams(form),
    });
  return {
    issuer,
    introspector: { clientId: 'gateway', clientSecret: SECRET },
    introspections: () => introspections,
    token: async ({ client, resource, scope = '' }) => {
      const response = await post('/token', client, { grant_type: 'client_credentials', resource, scope });
      const { access_token: token } = (await response.json()) as { readonly access_token?: string };
      if (token === undefined) throw new Error(`no token: ${response.status}`);
      return token;
    },
    revoke: async (client, token) => {
      await post('/token/revocation', client, { token });
    },
    close: async () => {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}
