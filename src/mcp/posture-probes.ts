import type { AuthorizationServerMetadata } from '@modelcontextprotocol/sdk/shared/auth.js';

import { messageOf } from '../errors.js';
import type { PostureLine, PostureProbe } from '../model/posture.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Clock, Vault } from '../ports.js';
import { quote } from '../quote.js';
import { hideAll } from './hide-secrets.js';
import type { Answer } from './oauth-fetch.js';
import { type Kept, KeptProvider } from './oauth-provider.js';
import { type Asker, isRefused, line } from './posture-line.js';
import { register, REGISTRATION_LINE } from './posture-registration.js';

/** What the probes know when they begin. */
export interface Known {
  readonly server: Server;
  readonly connection: HttpConnection;
  readonly clock: Clock;
  /** What a request without a token was answered. */
  readonly answer: Answer | undefined;
  readonly metadata: AuthorizationServerMetadata | undefined;
  readonly kept: Kept | undefined;
  /** Sends the first request of a conversation, and ends what it began. */
  readonly begin: (headers: Readonly<Record<string, string>>) => Promise<Answer>;
}

/** RFC 2606, section 2: there is no such host, and there will be none. */
const FOREIGN = 'https://sealwatch-probe.invalid';

/** What is asked by each probe: the lines that it is for. */
const LINES = {
  'foreign-origin': [
    ['origin-checked', 'refuses requests of foreign web pages (Origin)'],
    ['host-checked', 'refuses requests for foreign hosts (Host)'],
  ],
  'forged-token': [['token-checked', 'refuses tokens that nobody issued']],
  registration: [REGISTRATION_LINE],
  'foreign-redirect': [['redirects-restricted', 'sends codes to registered addresses only']],
  'foreign-token': [['resource-indicator', 'takes no token that was issued for another server (RFC 8707)']],
} as const satisfies Readonly<Record<PostureProbe, readonly (readonly [string, string])[]>>;

/** Returns the lines that take more than looking: those of the probes that were asked for, and which probe the others need. */
export async function probeLines(known: Known, asker: Asker): Promise<readonly PostureLine[]> {
  const { probes } = known.connection.posture;
  const wants = (probe: PostureProbe): boolean => probes.includes(probe);
  const skipped = (probe: PostureProbe): readonly PostureLine[] =>
    LINES[probe].map(([id, title]) =>
      line(id, title, undefined, `it was not tried; to try it: "posture: { probes: [${probe}] }"`),
    );
  const tried = async (
    probe: PostureProbe,
    action: () => Promise<readonly PostureLine[]>,
  ): Promise<readonly PostureLine[]> =>
    wants(probe) ? (await action()).map((found) => triedBy(probe, found)) : skipped(probe);
  const registered = wants('registration') ? await register(known.metadata, asker) : undefined;
  return [
    ...(await tried('foreign-origin', () => foreignOrigin(known, asker))),
    ...(await tried('forged-token', () => forgedToken(known, asker))),
    ...(await tried('registration', () => Promise.resolve(registered === undefined ? [] : [registered.line]))),
    ...(await tried('foreign-redirect', () => foreignRedirect(known, registered?.clientId, asker))),
    ...(await tried('foreign-token', () => foreignToken(known, asker))),
    ...((await registered?.end()) ?? []).map((found) => triedBy('registration', found)),
  ];
}

/** A report says of what it tried that more than looking was done for it. */
function triedBy(probe: PostureProbe, found: PostureLine): PostureLine {
  return { ...found, evidence: `tried by ${probe}: ${found.evidence}` };
}

/** With our own credentials: where a request is refused for want of a token, nobody can tell what else it would be refused for. */
async function foreignOrigin({ connection, begin }: Known, asker: Asker): Promise<readonly PostureLine[]> {
  const own = await asker.attempt(() => begin(connection.headers));
  const [origin, host] = LINES['foreign-origin'];
  const compared = async (
    [id, title]: readonly [string, string],
    headers: Readonly<Record<string, string>>,
  ): Promise<PostureLine> => {
    if (!('value' in own)) return line(id, title, undefined, own.why);
    if (own.value.status >= 300)
      return line(id, title, undefined, `our own request is answered with HTTP ${own.value.status} already`);
    const foreign = await asker.attempt(() => begin({ ...connection.headers, ...headers }));
    if (!('value' in foreign)) return line(id, title, undefined, foreign.why);
    return line(id, title, isRefused(foreign.value), `HTTP ${foreign.value.status}, and ${own.value.status} for ours`);
  };
  return [await compared(origin, { origin: FOREIGN }), await compared(host, { host: new URL(FOREIGN).host })];
}

async function forgedToken({ answer, metadata, begin }: Known, asker: Asker): Promise<readonly PostureLine[]> {
  const [[id, title]] = LINES['forged-token'];
  if (answer?.status !== 401) return [line(id, title, undefined, 'it did not ask for a token')];
  const seen: Answer[] = [];
  for (const token of forged(metadata?.issuer ?? FOREIGN)) {
    const found = await asker.attempt(() => begin({ authorization: `Bearer ${token}` }));
    if (!('value' in found)) return [line(id, title, undefined, found.why)];
    seen.push(found.value);
  }
  const refusals = seen.map(isRefused);
  const isMet = refusals.includes(false) ? false : refusals.includes(undefined) ? undefined : true;
  return [line(id, title, isMet, seen.map(({ status }) => `HTTP ${status}`).join(', '))];
}

/** A token that says it is not signed, and one with a signature that is none. They end in the year 2100. */
function forged(issuer: string): readonly string[] {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = part({ iss: issuer, sub: 'sealwatch-probe', aud: FOREIGN, exp: 4_102_444_800 });
  const signature = Buffer.alloc(256, 1).toString('base64url');
  return [
    `${part({ alg: 'none', typ: 'at+jwt' })}.${claims}.`,
    `${part({ alg: 'RS256', typ: 'at+jwt', kid: 'sealwatch-probe' })}.${claims}.${signature}`,
  ];
}

/** RFC 7636, appendix B: nobody has to know the verifier, since no code is ever asked for in earnest. */
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

async function foreignRedirect(
  { metadata, connection, kept }: Known,
  registered: string | undefined,
  asker: Asker,
): Promise<readonly PostureLine[]> {
  const [[id, title]] = LINES['foreign-redirect'];
  const clientId = registered ?? connection.oauth?.clientId ?? kept?.client?.client_id;
  if (metadata === undefined) return [line(id, title, undefined, 'no authorization server is known')];
  if (clientId === undefined)
    return [line(id, title, undefined, 'nobody is registered: sign in first, or add the probe "registration"')];
  const url = new URL(metadata.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: `${FOREIGN}/callback`,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    state: 'sealwatch-probe',
    resource: connection.url,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const found = await asker.attempt(() => asker.look(url, { method: 'GET', headers: {} }, 'none'));
  if (!('value' in found)) return [line(id, title, undefined, found.why)];
  const { status, headers } = found.value;
  const location = headers.get('location');
  if (location !== null && URL.canParse(location, url.href) && new URL(location, url.href).origin === FOREIGN)
    return [line(id, title, false, `HTTP ${status} to ${FOREIGN}`)];
  // A page to sign in on may look at the address later.
  return [line(id, title, isRefused(found.value) === true ? true : undefined, `HTTP ${status}`)];
}

/** Only a client that signs in by itself can ask for a token without a person. */
async function foreignToken(known: Known, asker: Asker): Promise<readonly PostureLine[]> {
  const { server, connection, clock, begin } = known;
  const [[id, title]] = LINES['foreign-token'];
  const settings = connection.oauth;
  if (settings?.grant !== 'client_credentials')
    return [line(id, title, undefined, 'it takes "grant: client_credentials" to ask for such a token')];
  const options = { id: server.id, settings, vault: FORGETFUL, clock, kept: { url: connection.url } };
  const provider = new ForeignProvider(options);
  const { auth } = await import('@modelcontextprotocol/sdk/client/auth.js');
  try {
    await auth(provider, { serverUrl: connection.url, fetchFn: asker.fetch });
  } catch (error) {
    // RFC 8707, section 2.
    const isRefusedThere = error instanceof Error && 'errorCode' in error && error.errorCode === 'invalid_target';
    const said = hideAll(messageOf(error), provider.secrets());
    return [
      isRefusedThere
        ? line(id, title, true, 'its authorization server issues no token for another one (invalid_target)')
        : line(id, title, undefined, quote(said, 200)),
    ];
  }
  const token = provider.kept.tokens?.access_token;
  if (token === undefined) return [line(id, title, undefined, 'no such token was issued')];
  const found = await asker.attempt(() => begin({ authorization: `Bearer ${token}` }));
  if (!('value' in found)) return [line(id, title, undefined, found.why)];
  return [line(id, title, isRefused(found.value), `HTTP ${found.value.status} for a token for ${FOREIGN}`)];
}

/** Asks for tokens for a server that is none. */
class ForeignProvider extends KeptProvider {
  validateResourceURL(): Promise<URL> {
    return Promise.resolve(new URL(`${FOREIGN}/mcp`));
  }
}

/** The token of a probe is no token of the server. */
const FORGETFUL: Vault = {
  load: () => Promise.resolve(undefined),
  save: () => Promise.resolve(),
  alone: async (_, action) => await action(),
};
