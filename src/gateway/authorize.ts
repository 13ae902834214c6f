import type { IncomingMessage, ServerResponse } from 'node:http';

import { type GatewayAuth, LOCAL_SUBJECT, type Rights, type Subject } from '../model/access.js';
import { readClaim } from '../model/claim.js';
import type { JsonObject } from '../model/json.js';
import type { Clock, Logger } from '../ports.js';
import { quote } from '../quote.js';
import { introspectToken } from './introspect-token.js';
import { createAskIssuer } from './issuer-metadata.js';
import { verifyJwt } from './verify-jwt.js';
import type { TokenVerdict } from './verify-token.js';

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

/**
 * Lets in who brings an access token of the authorization server that was made for this gateway: a JWT (RFC 9068), or one of whatever form
 * that the server is asked about (RFC 7662), with its issuer, this audience, an end and a subject. The token goes no further (MCP
 * 2025-11-25, Security Best Practices, Token Passthrough).
 *
 * @param publicUrl the gateway's own address, without a slash at the end; tokens for it, or for one endpoint of it, are taken
 */
export function withTokens(auth: GatewayAuth, publicUrl: string, { logger, clock }: AuthorizeDeps): Authorize {
  const ask = createAskIssuer();
  const { introspection } = auth;
  const verify = introspection === undefined ? verifyJwt(auth, ask) : introspectToken(auth, introspection, clock, ask);
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
      const verdict = await verify(token, [publicUrl, `${publicUrl}/`, `${publicUrl}${path}`]);
      if (verdict.kind !== 'valid') logger.warn(`gateway: a token was refused: ${quote(verdict.why, 120)}`);
      switch (verdict.kind) {
        case 'valid':
          return admitted(verdict, auth, challenge, response);
        case 'invalid':
          refused(response, 401, `${challenge}, error="invalid_token"`);
          return;
        case 'unknown':
          // Another token would be of no use: nobody can tell what it is worth.
          response.writeHead(503, { 'retry-after': '5', 'cache-control': 'no-store' }).end();
          return;
      }
    },
  };
}

interface AuthorizeDeps {
  readonly logger: Logger;
  readonly clock: Clock;
}

function admitted(
  { subject, sub, claims }: Extract<TokenVerdict, { kind: 'valid' }>,
  auth: GatewayAuth,
  challenge: string,
  response: ServerResponse,
): Subject | undefined {
  const rights = rightsOf(claims, auth);
  const lacksScope = rights.scopes?.held.length === 0;
  if (lacksScope || rights.roles?.length === 0) {
    // Without a role another token would not help: it is the person who may do nothing here.
    refused(response, 403, lacksScope ? insufficientScope(challenge, scopesIn(auth)) : challenge);
    return undefined;
  }
  return { id: subject, person: sub === undefined ? undefined : `oidc:${auth.issuer}#${sub}`, rights, challenge };
}

function refused(response: ServerResponse, status: 401 | 403, challenge: string): void {
  response.writeHead(status, { 'www-authenticate': challenge, 'cache-control': 'no-store' }).end();
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
function rightsOf(claims: JsonObject, { allow, roles }: GatewayAuth): Rights {
  const scopes = scopesOf(claims);
  const values = roles === undefined ? [] : readClaim(claims, roles.claim);
  return {
    scopes: allow && { rules: allow, held: allow.map(({ scope }) => scope).filter((scope) => scopes.includes(scope)) },
    roles: roles?.roles.filter(({ value }) => values.includes(value)).flatMap(({ rules }) => rules),
  };
}

function scopesIn({ allow = [] }: GatewayAuth): readonly string[] {
  return [...new Set(allow.map(({ scope }) => scope))];
}

/** RFC 9068, section 2.2.3: separated by spaces; some providers write a list, under another name. */
function scopesOf(claims: JsonObject): readonly string[] {
  const scope = claims['scope'] ?? claims['scp'];
  if (typeof scope === 'string') return scope.split(' ');
  return Array.isArray(scope) ? scope.filter((one) => typeof one === 'string') : [];
}
