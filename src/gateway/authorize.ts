import type { IncomingMessage, ServerResponse } from 'node:http';

import { createRemoteJWKSet, customFetch, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { Agent, fetch as undiciFetch } from 'undici';

import { messageOf } from '../errors.js';
import { type GatewayAuth, LOCAL_SUBJECT, type Rights, type Subject } from '../model/access.js';
import { readClaim } from '../model/claim.js';
import type { JsonObject } from '../model/json.js';
import type { Logger } from '../ports.js';
import { quote } from '../quote.js';

/** Decides who may talk to the gateway. */
export interface Authorize {
  /** Returns who asks; `undefined` where the request was refused, and answered. */
  subjectOf(request: IncomingMessage, response: ServerResponse, path: string): Promise<Subject | undefined>;
  /** Answers a request for metadata. Returns whether it was one. */
  metadata(path: string, response: ServerResponse): boolean;
}

/** Lets everybody in who reaches this machine from within: for a gateway that listens on it alone. */
export const localOnly: Authorize = {
  subjectOf: () => Promise.resolve(LOCAL_SUBJECT),
  metadata: () => false,
};

/** Returns the challenge that asks for a token with more scopes (RFC 6750, section 3.1). */
export function insufficientScope(challenge: string, scopes: readonly string[]): string {
  return `${challenge}, error="insufficient_scope", scope="${scopes.join(' ')}"`;
}

const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** Keys and metadata are small. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Two clocks that are both right. */
const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Lets in who brings an access token of the authorization server that was made for this gateway: a JWT (RFC 9068) with its issuer, this
 * audience, an end, a subject, and a signature by one of its keys. The token goes no further (MCP 2025-11-25, Security Best Practices,
 * Token Passthrough).
 *
 * @param publicUrl the gateway's own address, without a slash at the end; tokens for it, or for one endpoint of it, are taken
 */
export function withTokens(auth: GatewayAuth, publicUrl: string, logger: Logger): Authorize {
  const keysOf = lazily(async () => await loadKeys(auth.issuer));
  return {
    metadata: (path, response) => {
      if (path !== METADATA_PATH && !path.startsWith(`${METADATA_PATH}/`)) return false;
      answerMetadata(auth, `${publicUrl}${path.slice(METADATA_PATH.length)}`, response);
      return true;
    },
    subjectOf: async (request, response, path) => {
      const challenge = `Bearer resource_metadata="${publicUrl}${METADATA_PATH}${path}"`;
      const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined) {
        refused(response, 401, challenge);
        return;
      }
      const payload = await verified(token).catch((error: unknown) => {
        logger.warn(`gateway: a token was refused: ${quote(messageOf(error), 120)}`);
        return undefined;
      });
      if (payload?.sub === undefined) {
        refused(response, 401, `${challenge}, error="invalid_token"`);
        return;
      }
      const rights = rightsOf(payload, auth);
      if (rights.scopes?.held.length === 0) {
        refused(response, 403, insufficientScope(challenge, scopesIn(auth)));
        return;
      }
      // Another token would not help: it is the person who may do nothing here.
      if (rights.roles?.length === 0) {
        refused(response, 403, challenge);
        return;
      }
      return { id: payload.sub, person: `oidc:${auth.issuer}#${payload.sub}`, rights, challenge };

      async function verified(jwt: string): Promise<JWTPayload> {
        const { payload: claims } = await jwtVerify(jwt, await keysOf(), {
          issuer: auth.issuer,
          audience: [publicUrl, `${publicUrl}/`, `${publicUrl}${path}`],
          algorithms: [...auth.algorithms],
          requiredClaims: ['exp', 'sub'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
        });
        return claims;
      }
    },
  };
}

function refused(response: ServerResponse, status: 401 | 403, challenge: string): undefined {
  response.writeHead(status, { 'www-authenticate': challenge, 'cache-control': 'no-store' }).end();
  return undefined;
}

/** RFC 9728, section 3. */
function answerMetadata(auth: GatewayAuth, resource: string, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      resource,
      authorization_servers: [auth.issuer],
      scopes_supported: scopesIn(auth),
      bearer_methods_supported: ['header'],
    }),
  );
}

/** What a token may be used for: the scopes that mean anything here, and what its roles allow. */
function rightsOf(payload: JWTPayload, { allow, roles }: GatewayAuth): Rights {
  const scopes = scopesOf(payload);
  const values = roles === undefined ? [] : readClaim(payload as JsonObject, roles.claim);
  return {
    scopes: allow && { rules: allow, held: allow.map(({ scope }) => scope).filter((scope) => scopes.includes(scope)) },
    roles: roles?.roles.filter(({ value }) => values.includes(value)).flatMap(({ rules }) => rules),
  };
}

function scopesIn({ allow = [] }: GatewayAuth): readonly string[] {
  return [...new Set(allow.map(({ scope }) => scope))];
}

/** RFC 9068, section 2.2.3: separated by spaces; some providers write a list, under another name. */
function scopesOf(payload: JWTPayload): readonly string[] {
  const scope = payload['scope'] ?? payload['scp'];
  if (typeof scope === 'string') return scope.split(' ');
  return Array.isArray(scope) ? scope.filter((one) => typeof one === 'string') : [];
}

/** A failure is not remembered: the authorization server may be there again. */
function lazily<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
}

async function loadKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const dispatcher = new Agent({ maxResponseSize: MAX_RESPONSE_BYTES });
  const get = async (url: string): Promise<Response> => {
    const response = await undiciFetch(url, { dispatcher, redirect: 'error' });
    // undici's own Response and that of Node are the same class in two copies; jose knows the latter.
    return new Response(await response.arrayBuffer(), { status: response.status, headers: [...response.headers] });
  };
  const jwksUri = await findKeys(issuer, get);
  return createRemoteJWKSet(new URL(jwksUri), { [customFetch]: get });
}

/** RFC 8414, section 3.1, and OpenID Connect Discovery. */
async function findKeys(issuer: string, get: (url: string) => Promise<Response>): Promise<string> {
  const { origin, pathname, protocol } = new URL(issuer);
  const path = pathname === '/' ? '' : pathname;
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  for (const place of places) {
    const response = await get(place);
    if (!response.ok) continue;
    const metadata = (await response.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    const { jwks_uri: jwksUri } = metadata;
    if (metadata.issuer !== issuer) throw new Error(`${place} is of another issuer`);
    // Keys that anybody on the way can replace are none.
    if (typeof jwksUri === 'string' && new URL(jwksUri).protocol === protocol) return jwksUri;
  }
  throw new Error(`no metadata of ${issuer} names its keys`);
}
