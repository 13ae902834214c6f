import type {
  AuthorizationServerMetadata,
  OAuthProtectedResourceMetadata,
} from '@modelcontextprotocol/sdk/shared/auth.js';

import { messageOf } from '../errors.js';
import type { PostureLine } from '../model/posture.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Clock } from '../ports.js';
import { quote } from '../quote.js';
import { createOAuthFetch, type OAuthFetch } from './oauth-fetch.js';
import { readChain } from './read-chain.js';

/** A certificate that lives so long still is nobody's hurry. */
const ENOUGH_MS = 14 * 24 * 60 * 60_000;

/**
 * Returns what an HTTP server meets of what the specification asks for, from its certificate, its metadata, and one request
 * without a token. Nothing is registered, and no token of ours is used.
 */
export async function readPosture(
  server: Server,
  connection: HttpConnection,
  clock: Clock,
): Promise<readonly PostureLine[]> {
  const guarded = createOAuthFetch(server, connection);
  try {
    const url = new URL(connection.url);
    const answer = await attempt(() => askWithoutToken(url, guarded));
    const resource = await attempt(() => resourceMetadata(url, answer, guarded));
    const authorization = await attempt(() => authorizationMetadata(resource, guarded));
    return [
      ...(await transportLines(url, connection, server, { guarded, clock })),
      ...answerLines(answer),
      ...resourceLines(resource, url),
      ...authorizationLines(authorization),
      ...UNTRIED.map(([id, title]) =>
        line(id, title, undefined, 'it takes more than metadata and one request to find out'),
      ),
    ];
  } finally {
    await guarded.close();
  }
}

const UNTRIED = [
  ['resource-indicator', 'takes no token that was made for another server'],
  ['origin-checked', 'refuses requests of foreign web pages (Origin, Host)'],
  ['redirects-restricted', 'sends codes to registered addresses only'],
  ['token-lifetime', 'gives tokens that end within an hour'],
  ['refresh-rotation', 'replaces a refresh token when it is used'],
] as const;

/** What was found, or why it could not be. */
type Found<Value> = { readonly value: Value } | { readonly why: string };

async function attempt<Value>(action: () => Promise<Value>): Promise<Found<Value>> {
  try {
    return { value: await action() };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** `isMet` is `undefined` where nobody can tell. */
function line(id: string, title: string, isMet: boolean | undefined, evidence: string): PostureLine {
  return { id, title, status: isMet === undefined ? 'could not tell' : isMet ? 'met' : 'not met', evidence };
}

async function transportLines(
  url: URL,
  { tls }: HttpConnection,
  { limits }: Server,
  { guarded, clock }: { readonly guarded: OAuthFetch; readonly clock: Clock },
): Promise<readonly PostureLine[]> {
  const isTls = url.protocol === 'https:';
  const https = line('https', 'is reached over TLS only', isTls, quote(url.origin, 120));
  if (!isTls) return [https];
  const chain = await attempt(async () => {
    // What must not be connected to is not looked at either.
    guarded.check(url);
    return await readChain(url, tls, limits.startMs);
  });
  if ('why' in chain) return [https, line('tls-version', 'speaks TLS 1.2 or newer', undefined, chain.why)];
  const { protocol, problem, certificates } = chain.value;
  const expiresAt = certificates[0]?.expiresAt;
  const left = expiresAt === undefined ? undefined : Date.parse(expiresAt) - clock.now().getTime();
  return [
    https,
    line('tls-version', 'speaks TLS 1.2 or newer', /^TLSv1\.[23]$/.test(protocol), protocol),
    line(
      'certificate',
      'has a valid certificate',
      problem === undefined,
      problem === undefined ? 'valid' : quote(problem, 120),
    ),
    line(
      'certificate-life',
      'has a certificate for two weeks at least',
      left === undefined ? undefined : left > ENOUGH_MS,
      `until ${expiresAt ?? 'nobody can tell'}`,
    ),
  ];
}

const REQUEST = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'sealwatch', version: '0' } },
};

async function askWithoutToken(url: URL, { fetch }: OAuthFetch): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(REQUEST),
  });
}

function answerLines(answer: Found<Response>): readonly PostureLine[] {
  const titles = [
    ['unauthenticated', 'refuses requests without a token (401)'],
    ['www-authenticate', 'says where its metadata is (WWW-Authenticate)'],
    ['rate-limit', 'announces limits on requests'],
  ] as const;
  if ('why' in answer) return titles.map(([id, title]) => line(id, title, undefined, answer.why));
  const { status, headers } = answer.value;
  const challenge = headers.get('www-authenticate');
  const limits = [...headers.keys()].filter((name) => /^(?:x-)?ratelimit|^retry-after$/i.test(name));
  const [unauthenticated, authenticate, limit] = titles;
  return [
    line(...unauthenticated, status === 401 ? true : status < 300 ? false : undefined, `HTTP ${status}`),
    status === 401
      ? line(...authenticate, challenge?.includes('resource_metadata=') ?? false, quote(challenge ?? 'none', 160))
      : line(...authenticate, undefined, 'it did not ask for a token'),
    line(
      ...limit,
      limits.length > 0 ? true : undefined,
      limits.length > 0 ? limits.join(', ') : 'no such header in this answer',
    ),
  ];
}

async function resourceMetadata(
  url: URL,
  answer: Found<Response>,
  { fetch }: OAuthFetch,
): Promise<OAuthProtectedResourceMetadata> {
  const sdk = await import('@modelcontextprotocol/sdk/client/auth.js');
  const named = 'value' in answer ? sdk.extractWWWAuthenticateParams(answer.value).resourceMetadataUrl : undefined;
  return await sdk.discoverOAuthProtectedResourceMetadata(
    url,
    named === undefined ? {} : { resourceMetadataUrl: named },
    fetch,
  );
}

function resourceLines(metadata: Found<OAuthProtectedResourceMetadata>, url: URL): readonly PostureLine[] {
  const [id, title] = ['resource-metadata', 'publishes protected-resource metadata (RFC 9728)'];
  const scopes = ['scopes', 'announces the scopes that it knows'] as const;
  // The SDK's words for 404: then it is known that there is none.
  const isMissing = 'why' in metadata && metadata.why.includes('does not implement');
  if ('why' in metadata)
    return [
      line(id, title, isMissing ? false : undefined, isMissing ? 'none' : quote(metadata.why, 200)),
      line(...scopes, undefined, 'there is no metadata'),
    ];
  const { resource, scopes_supported: known = [] } = metadata.value;
  return [
    line(id, title, url.href.startsWith(resource.replace(/\/$/, '')), `resource ${quote(resource, 120)}`),
    line(...scopes, known.length > 0, known.length > 0 ? quote(known.join(' '), 160) : 'none'),
  ];
}

interface Authorization {
  readonly named: string;
  readonly metadata: AuthorizationServerMetadata | undefined;
}

async function authorizationMetadata(
  resource: Found<OAuthProtectedResourceMetadata>,
  { fetch: fetchFn }: OAuthFetch,
): Promise<Authorization> {
  const [named] = ('value' in resource ? resource.value.authorization_servers : undefined) ?? [];
  if (named === undefined) throw new Error('the server names no authorization server');
  const { discoverAuthorizationServerMetadata } = await import('@modelcontextprotocol/sdk/client/auth.js');
  return { named, metadata: await discoverAuthorizationServerMetadata(named, { fetchFn }) };
}

function authorizationLines(found: Found<Authorization>): readonly PostureLine[] {
  const titles = [
    ['authorization-metadata', 'its authorization server publishes metadata (RFC 8414)'],
    ['issuer', 'whose issuer is the one that the server names'],
    ['pkce-s256', 'offers PKCE with S256'],
    ['registration', 'lets clients register, or takes their metadata documents'],
    ['issuer-in-answer', 'names itself in its answers (RFC 9207)'],
  ] as const;
  if ('why' in found) return titles.map(([id, title]) => line(id, title, undefined, quote(found.why, 200)));
  const { named, metadata } = found.value;
  if (metadata === undefined)
    return titles.map(([id, title], index) =>
      line(id, title, index === 0 ? false : undefined, `${quote(named, 120)} has none`),
    );
  const [published, issuer, pkce, registration, answers] = titles;
  const methods = metadata.code_challenge_methods_supported ?? [];
  const members: Readonly<Record<string, unknown>> = metadata;
  const registers =
    metadata.registration_endpoint !== undefined || members['client_id_metadata_document_supported'] === true;
  return [
    line(...published, true, quote(named, 120)),
    line(...issuer, metadata.issuer.replace(/\/$/, '') === named.replace(/\/$/, ''), quote(metadata.issuer, 120)),
    line(...pkce, methods.includes('S256'), methods.length > 0 ? quote(methods.join(' '), 60) : 'it names no method'),
    line(...registration, registers, registers ? 'yes' : 'neither is announced'),
    line(
      ...answers,
      members['authorization_response_iss_parameter_supported'] === true,
      'authorization_response_iss_parameter_supported',
    ),
  ];
}
