import type {
  AuthorizationServerMetadata,
  OAuthProtectedResourceMetadata,
} from '@modelcontextprotocol/sdk/shared/auth.js';

import type { SealwatchError } from '../errors.js';
import type { PostureLine } from '../model/posture.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Clock, Vault } from '../ports.js';
import { quote } from '../quote.js';
import { type Answer, createOAuthFetch } from './oauth-fetch.js';
import { type Kept, loadKept } from './oauth-provider.js';
import { Asker, type Found, line } from './posture-line.js';
import { probeLines } from './posture-probes.js';
import { transportLines } from './posture-transport.js';
import { withHeader } from './with-token.js';

/** A token that lives longer than this is of use for too long to whoever finds it. */
const MAX_TOKEN_SECONDS = 60 * 60;

export interface PostureOptions {
  readonly clock: Clock;
  /** Where it is kept what was seen when we signed in. */
  readonly vault?: Vault | undefined;
  /** The revision that was negotiated last; `undefined` where nobody looked yet. */
  readonly protocolVersion: string | undefined;
}

/** The report on one server. */
export interface Posture {
  readonly lines: readonly PostureLine[];
  /** What failed in a way that says nothing about the server: some lines are open for this alone. */
  readonly fault: SealwatchError | undefined;
}

/**
 * Returns what an HTTP server meets of what the specification asks for: from its certificate, its metadata, one request without a
 * token, what was seen when we signed in, and the probes that its entry asks for.
 *
 * @throws {SealwatchError} `STORE_…`, `SECRET_SEALED`
 */
export async function readPosture(
  server: Server,
  connection: HttpConnection,
  options: PostureOptions,
): Promise<Posture> {
  const { clock, vault, protocolVersion } = options;
  const guarded = createOAuthFetch(server, connection);
  const asker = new Asker(guarded);
  try {
    const url = new URL(connection.url);
    const begin = async (headers: Readonly<Record<string, string>>): Promise<Answer> =>
      await beginAt(url, headers, asker);
    const kept =
      vault === undefined || connection.oauth === undefined
        ? undefined
        : await loadKept(vault, server.id, connection.url);
    const answer = await asker.attempt(() => begin({}));
    const resource = await asker.attempt(() => resourceMetadata(url, answer, asker));
    const authorization = await asker.attempt(() => authorizationMetadata(resource, asker));
    const metadata = 'value' in authorization ? authorization.value.metadata : undefined;
    const known = { server, connection: signedIn(server, connection, kept), clock, metadata, kept, begin };
    const lines = [
      ...(await transportLines(url, connection, server, { asker, clock })),
      protocolLine(protocolVersion, connection.posture.minimumProtocol),
      ...answerLines(answer),
      ...resourceLines(resource, url),
      ...authorizationLines(authorization),
      ...(await probeLines({ ...known, answer: 'value' in answer ? answer.value : undefined }, asker)),
      ...tokenLines(kept, connection),
    ];
    return { lines, fault: asker.fault };
  } finally {
    await guarded.close();
  }
}

/** With the token that is kept, unless one is there already. */
function signedIn(server: Server, connection: HttpConnection, kept: Kept | undefined): HttpConnection {
  const token = kept?.tokens?.access_token;
  if (token === undefined || connection.headers['authorization'] !== undefined) return connection;
  return withHeader(server, connection, token).connection;
}

function protocolLine(seen: string | undefined, minimum: string): PostureLine {
  const [id, title] = ['protocol-revision', `speaks the protocol of ${minimum} or a newer one`];
  // Revisions are dates: their order is that of their texts.
  return seen === undefined
    ? line(id, title, undefined, 'nobody looked yet: run `sealwatch scan`')
    : line(id, title, seen >= minimum, quote(seen, 40));
}

/** What was seen in our own flow. */
function tokenLines(kept: Kept | undefined, { oauth }: HttpConnection): readonly PostureLine[] {
  const [lifetime, rotation] = [
    ['token-lifetime', 'gives tokens that end within an hour'],
    ['refresh-rotation', 'replaces a refresh token when it is used'],
  ] as const;
  const open = (why: string): readonly PostureLine[] => [
    line(...lifetime, undefined, why),
    line(...rotation, undefined, why),
  ];
  if (oauth === undefined) return open('we do not sign in to it by OAuth');
  if (kept?.tokens === undefined) return open('nobody has signed in to it yet');
  const { lifetimeSeconds: seconds, rotates } = kept;
  return [
    seconds === undefined
      ? line(...lifetime, undefined, 'it does not say how long they live')
      : line(...lifetime, seconds <= MAX_TOKEN_SECONDS, `${seconds} s`),
    line(
      ...rotation,
      rotates,
      rotates === undefined ? 'none was used yet' : rotates ? 'it was another one' : 'it was the same again',
    ),
  ];
}

const REQUEST = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'sealwatch', version: '0' } },
};

/** Begins a conversation, and ends it again where the server opened one for us. */
async function beginAt(url: URL, headers: Readonly<Record<string, string>>, asker: Asker): Promise<Answer> {
  const answer = await asker.look(
    url,
    {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(REQUEST),
    },
    'within the origin',
  );
  const session = answer.headers.get('mcp-session-id');
  if (session !== null) {
    const ending = { method: 'DELETE' as const, headers: { ...headers, 'mcp-session-id': session } };
    // A server may keep its conversations (405): that is no part of what was asked.
    await asker.attempt(() => asker.look(url, ending, 'within the origin'));
  }
  return answer;
}

function answerLines(answer: Found<Answer>): readonly PostureLine[] {
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
  answer: Found<Answer>,
  { fetch }: Asker,
): Promise<OAuthProtectedResourceMetadata> {
  const sdk = await import('@modelcontextprotocol/sdk/client/auth.js');
  const challenge = 'value' in answer ? new Response(null, { headers: answer.value.headers }) : undefined;
  const named = challenge === undefined ? undefined : sdk.extractWWWAuthenticateParams(challenge).resourceMetadataUrl;
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
  { fetch: fetchFn }: Asker,
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
