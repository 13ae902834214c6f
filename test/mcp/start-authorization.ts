import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

import { Provider } from 'oidc-provider';

import { respond } from './serve-mcp.js';

/** A real authorization server, and an MCP server whose tokens it issues. */
export interface Authorization {
  readonly issuer: string;
  /** Of the MCP server. */
  readonly url: string;
  /** Requests to the MCP server that carried a token in the address. */
  readonly leaked: readonly string[];
  /** Method and path of every request to the authorization server. */
  readonly paths: readonly string[];
  /** Parameters of the requests to the authorization and token endpoints. */
  readonly asked: readonly Readonly<Record<string, string>>[];
  /** The tokens that the MCP server was shown. */
  issued(): readonly string[];
  /** From now on, tokens are not taken any more. */
  revokeAccess(): void;
  /** From now on, nothing can be renewed. */
  revokeRefresh(): void;
  close(): Promise<void>;
}

interface Flaws {
  /** Members of the authorization server's metadata that are not as they should be; `ISSUER` and `RESOURCE` stand for the two. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Seconds that an access token lives. */
  readonly ttl?: number;
  /** The authorization server that the MCP server names. */
  readonly names?: string | (() => string | undefined);
  /** Errors of token requests repeat what was asked. */
  readonly echoes?: true;
  /** What cannot be renewed is answered with 503. */
  readonly isDown?: true;
  /** Token requests are redirected to here. */
  readonly redirect?: string;
  /** The MCP server wants this right too, and says so with 403; `always`: whatever it is given. */
  readonly wants?: { readonly scope: string; readonly always?: true };
  /** Whoever registered cannot end it. */
  readonly hasNoManagement?: true;
  /** The MCP server takes any token at all. */
  readonly takesAny?: true;
  /** The MCP server answers requests of web pages and for other hosts with 403, as it should. */
  readonly checksOrigin?: true;
  /** Tokens are for this one, whatever was asked for. */
  readonly audience?: string;
  /** The MCP server answers requests for a path with this status. */
  readonly status?: (path: string) => number | undefined;
  /** Both are reached over TLS, with these certificates. */
  readonly tls?: { readonly issuer: ServerOptions; readonly resource: ServerOptions };
  /** The host in the address of the authorization server; 127.0.0.1 otherwise. */
  readonly issuerHost?: 'localhost';
}

export const SERVICE = {
  clientId: 'service',
  clientSecret: 'planted-secret-of-the-service',
  privateKey: undefined,
  clientMetadataUrl: undefined,
};

const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A client that signs that it is itself. */
export const SIGNER = {
  clientId: 'signer',
  clientSecret: undefined,
  privateKey: { pem: KEYS.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), algorithm: 'ES256' },
  clientMetadataUrl: undefined,
};

/** Lets everybody in. PKCE, resource indicators (RFC 8707), registration (RFC 7591), rotation of refresh tokens. */
export async function startAuthorization(flaws: Flaws = {}): Promise<Authorization> {
  const http = serverWith(flaws.tls?.issuer);
  const mcp = serverWith(flaws.tls?.resource);
  const scheme = flaws.tls === undefined ? 'http' : 'https';
  const issuer = `${scheme}://${flaws.issuerHost ?? '127.0.0.1'}:${await listen(http)}`;
  const resource = `${scheme}://127.0.0.1:${await listen(mcp)}`;
  const url = `${resource}/mcp`;
  const asked: Record<string, string>[] = [];
  const leaked: string[] = [];
  const paths: string[] = [];
  const revoked = new Set<string>();
  const seen = new Set<string>();
  let isRefused = false;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: SERVICE.clientId,
        client_secret: SERVICE.clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: SIGNER.clientId,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [{ ...KEYS.publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    scopes: ['mcp', 'mcp:more', 'offline_access'],
    features: {
      registration: { enabled: true },
      registrationManagement: { enabled: flaws.hasNoManagement !== true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, audience: string) => ({
          scope: 'mcp mcp:more',
          audience: flaws.audience ?? audience,
          accessTokenTTL: flaws.ttl ?? 600,
          accessTokenFormat: 'opaque',
        }),
      },
    },
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    cookies: { keys: ['of this test'] },
    ttl: { Session: 600, Interaction: 600, Grant: 600, RefreshToken: 600, ClientCredentials: flaws.ttl ?? 600 },
    findAccount: (_context, login) => ({ accountId: login, claims: () => ({ sub: login }) }),
  });
  const handle = provider.callback();

  http.on('request', (request, response) => {
    void serveAuthorization(request, response);
  });

  async function serveAuthorization(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', issuer);
    paths.push(`${request.method ?? ''} ${pathname}`);
    if (pathname === '/auth') asked.push(Object.fromEntries(searchParams));
    if (pathname === '/token') {
      request.on('data', (chunk: Buffer) =>
        asked.push(Object.fromEntries(new URLSearchParams(chunk.toString('utf8')))),
      );
      if (flaws.redirect !== undefined) return void response.writeHead(307, { location: flaws.redirect }).end();
      if (isRefused && flaws.isDown === true) {
        response.writeHead(503).end();
        return;
      }
      if (isRefused) {
        const sent = (await once(request, 'data')).join('');
        const [error, said] = flaws.echoes === true ? ['invalid_request', sent] : ['invalid_grant', ''];
        json(response, 400, { error, error_description: said });
        return;
      }
    }
    const isPlain = request.headers['x-plain'] !== undefined;
    if (pathname.startsWith('/.well-known/') && flaws.metadata !== undefined && !isPlain) {
      const plain = await fetch(`${issuer}/.well-known/openid-configuration`, { headers: { 'x-plain': '1' } });
      const wrong = Object.entries(flaws.metadata).map(([name, value]) => [
        name,
        typeof value === 'string' ? value.replace('ISSUER', issuer).replace('RESOURCE', resource) : value,
      ]);
      json(response, 200, { ...((await plain.json()) as object), ...(Object.fromEntries(wrong) as object) });
      return;
    }
    handle(request, response);
  }

  mcp.on('request', (request, response) => {
    void serveResource(request, response);
  });

  async function serveResource(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', resource);
    const status = flaws.status?.(pathname);
    if (status !== undefined) return void response.writeHead(status).end();
    // Sends codes to whoever asks for them; metadata can name it.
    if (pathname === '/open')
      return void response.writeHead(302, { location: `${searchParams.get('redirect_uri') ?? ''}?code=1` }).end();
    const isForeign = request.headers.origin !== undefined || !resource.endsWith(request.headers.host ?? '');
    if (flaws.checksOrigin === true && isForeign) return void response.writeHead(403).end();
    if (request.url?.startsWith('/.well-known/oauth-protected-resource') === true) {
      const names = (typeof flaws.names === 'function' ? flaws.names() : flaws.names) ?? issuer;
      json(response, 200, { resource: url, authorization_servers: [names], scopes_supported: ['mcp'] });
      return;
    }
    if (request.url?.includes('token') === true) leaked.push(request.url);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const known = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
    seen.add(token);
    const isTaken = flaws.takesAny === true ? token !== '' : known?.aud === url && !revoked.has(token);
    if (!isTaken) {
      const metadata = `${resource}/.well-known/oauth-protected-resource/mcp`;
      return void response
        .writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` })
        .end(`not with ${token}`);
    }
    const { wants } = flaws;
    if (wants !== undefined && (wants.always === true || known?.scope?.split(' ').includes(wants.scope) !== true)) {
      return void response
        .writeHead(403, { 'www-authenticate': `Bearer error="insufficient_scope", scope="mcp ${wants.scope}"` })
        .end('not with these rights');
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    respond(request, response, Buffer.concat(chunks).toString('utf8'));
  }

  return {
    issuer,
    url,
    leaked,
    paths,
    asked,
    issued: () => [...seen].filter((token) => token !== ''),
    revokeAccess: () => {
      for (const token of seen) revoked.add(token);
    },
    revokeRefresh: () => {
      isRefused = true;
    },
    close: async () => {
      for (const server of [http, mcp]) {
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      }
    },
  };
}

function serverWith(tls: ServerOptions | undefined): ReturnType<typeof createServer> {
  return tls === undefined ? createServer() : createTlsServer(tls);
}

/** Returns the port. */
async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Does what a person does in a browser: signs in, agrees, and follows to the end; returns the page that is shown there. */
export async function walkThrough(start: URL): Promise<string> {
  const cookies = new Map<string, string>();
  const visit = async (url: URL, form?: Readonly<Record<string, string>>): Promise<Response> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
  let at = start;
  let response = await visit(at);
  for (let step = 0; step < 20; step += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      at = new URL(location, at);
      response = await visit(at);
      continue;
    }
    const page = await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (prompt === undefined) return page;
    const action = /action="([^"]+)"/.exec(page)?.[1] ?? at.href;
    at = new URL(action, at);
    response = await visit(at, { prompt, login: 'alice', password: 'any' });
  }
  throw new Error('the flow does not end');
}
