import type {
  AddClientAuthentication,
  OAuthClientProvider,
  OAuthDiscoveryState,
} from '@modelcontextprotocol/sdk/client/auth.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';

import { SealwatchError } from '../errors.js';
import type { OAuthSettings } from '../model/oauth.js';
import type { ServerId } from '../model/server-id.js';
import type { Clock, Vault } from '../ports.js';
import { quote } from '../quote.js';
import { joinScopes } from './challenge.js';

/** What is kept of one server, sealed. It belongs to one address: another one gets none of it. */
const KEPT = z.object({
  url: z.string(),
  client: z.custom<OAuthClientInformationMixed>().optional(),
  tokens: z.custom<OAuthTokens>().optional(),
  /** ISO 8601 */
  expiresAt: z.string().optional(),
  /** How long the server says that its access tokens live. */
  lifetimeSeconds: z.number().optional(),
  /** Whether the last renewal brought another refresh token. */
  rotates: z.boolean().optional(),
  discovery: z.custom<OAuthDiscoveryState>().optional(),
  /** Where the code was received; a registration holds for it alone. */
  redirectUrl: z.string().optional(),
  /** What the server asked for with an answer of 403, so that a renewal asks for it too. */
  scope: z.string().optional(),
});

export type Kept = z.infer<typeof KEPT>;

/** Returns what is kept for a server at an address. */
export async function loadKept(vault: Vault, id: ServerId, url: string): Promise<Kept> {
  const text = await vault.load(nameOf(id));
  const kept = text === undefined ? undefined : KEPT.parse(JSON.parse(text));
  return kept?.url === url ? kept : { url };
}

async function saveKept(vault: Vault, id: ServerId, kept: Kept): Promise<void> {
  await vault.save(nameOf(id), JSON.stringify(kept));
}

/** Does something while nobody else changes what is kept for a server. */
export async function keptAlone<Result>(vault: Vault, id: ServerId, action: () => Promise<Result>): Promise<Result> {
  return await vault.alone(nameOf(id), action);
}

/** Forgets what is kept for a server; its owner still has to end it there. */
export async function forgetKept(vault: Vault, id: ServerId): Promise<void> {
  await vault.save(nameOf(id), undefined);
}

function nameOf(id: ServerId): string {
  return `oauth/${id}`;
}

export interface ProviderOptions {
  readonly id: ServerId;
  readonly settings: OAuthSettings;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly kept: Kept;
  /** Where a person is sent back to, and what sends them away; absent where nobody is there. */
  readonly person?: { readonly redirectUrl: string; readonly state: string; readonly send: (url: URL) => void };
}

/** The SDK's view of what is kept; whatever it changes is kept at once. */
export class KeptProvider implements OAuthClientProvider {
  readonly #options: ProviderOptions;
  /** Absent where the client shows a secret, or none: the SDK looks whether it is there. */
  readonly addClientAuthentication?: AddClientAuthentication;
  readonly clientMetadataUrl?: string;
  #kept: Kept;
  #verifier = '';

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#kept = options.kept;
    const { clientId, privateKey, clientMetadataUrl } = options.settings;
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    if (clientId !== undefined && privateKey !== undefined)
      this.addClientAuthentication = signedWith(privateKey, clientId);
  }

  get kept(): Kept {
    return this.#kept;
  }

  /** Every value that no message may show. */
  secrets(): readonly string[] {
    const { tokens } = this.#kept;
    const { client_id: id, client_secret: secret } = this.clientInformation() ?? { client_id: '' };
    const all = [tokens?.access_token, tokens?.refresh_token, secret, ...basicOf(id, secret), this.#verifier];
    return all.filter((one) => one !== undefined && one !== '') as readonly string[];
  }

  get redirectUrl(): string | undefined {
    const { settings, person } = this.#options;
    // Without one the SDK signs in by itself, which only `client_credentials` can.
    return settings.grant === 'client_credentials'
      ? undefined
      : (person?.redirectUrl ?? this.#kept.redirectUrl ?? 'none:');
  }

  get clientMetadata(): OAuthClientMetadata {
    const { settings } = this.#options;
    const scope = joinScopes(settings.scope, this.#kept.scope);
    const isService = settings.grant === 'client_credentials';
    return {
      client_name: 'Sealwatch',
      // RFC 8252: a program that listens on this machine.
      ...(isService ? {} : { application_type: 'native' }),
      redirect_uris: isService ? [] : [this.redirectUrl ?? ''],
      grant_types: isService ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
      response_types: isService ? [] : ['code'],
      token_endpoint_auth_method: settings.clientSecret === undefined ? 'none' : 'client_secret_basic',
      ...(scope === undefined ? {} : { scope }),
    };
  }

  state(): string {
    return this.#options.person?.state ?? '';
  }

  clientInformation(): OAuthClientInformationMixed | undefined {
    const { clientId, clientSecret, issuer } = this.#options.settings;
    if (clientId === undefined) return this.#kept.client;
    // The SDK does not present it to another authorization server than this one.
    const bound = issuer === undefined ? {} : { issuer };
    return { client_id: clientId, ...bound, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }) };
  }

  async saveClientInformation(client: OAuthClientInformationMixed): Promise<void> {
    await this.#keep({ client });
  }

  tokens(): OAuthTokens | undefined {
    return this.#kept.tokens;
  }

  async saveTokens(tokens: OAuthTokens): Promise<void> {
    const { clock, person } = this.#options;
    const { expires_in: seconds } = tokens;
    // The error of whoever would put it into a header repeats it.
    if (!/^[\x21-\x7e]+$/.test(tokens.access_token))
      throw new SealwatchError('OAUTH_FAILED', 'the authorization server gave a token that no header can carry');
    const expiresAt = endOf(clock.now(), seconds);
    const renewed = person === undefined ? this.#kept.tokens?.refresh_token : undefined;
    const rotates = renewed === undefined ? this.#kept.rotates : tokens.refresh_token !== renewed;
    const own = person === undefined ? {} : { redirectUrl: person.redirectUrl };
    await this.#keep({ tokens, expiresAt, lifetimeSeconds: seconds, rotates, ...own });
  }

  redirectToAuthorization(url: URL): void {
    const { person, id } = this.#options;
    if (person === undefined) throw loginNeeded(id);
    person.send(url);
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#kept.discovery;
  }

  /** @throws {SealwatchError} `OAUTH_UNSAFE`: OAuth 2.1 asks for PKCE with S256, and for its announcement. */
  async saveDiscoveryState(discovery: OAuthDiscoveryState): Promise<void> {
    const { authorizationServerUrl, authorizationServerMetadata: metadata } = discovery;
    const where = quote(authorizationServerUrl, 120);
    const methods = metadata?.code_challenge_methods_supported ?? [];
    if (this.#options.settings.grant === 'authorization_code' && !methods.includes('S256'))
      throw new SealwatchError('OAUTH_UNSAFE', `the authorization server ${where} does not offer PKCE with S256`);
    if (metadata !== undefined && !isSameIssuer(metadata.issuer, authorizationServerUrl))
      throw new SealwatchError(
        'OAUTH_UNSAFE',
        `the authorization server ${where} calls itself ${quote(metadata.issuer, 120)}`,
      );
    await this.#keep({ discovery });
  }

  prepareTokenRequest(scope?: string): URLSearchParams | undefined {
    if (this.#options.settings.grant !== 'client_credentials') return undefined;
    return new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) });
  }

  async invalidateCredentials(scope: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): Promise<void> {
    if (scope === 'tokens') await this.#keep({ tokens: undefined, expiresAt: undefined });
    if (scope === 'client' || scope === 'all')
      await this.#keep({ client: undefined, tokens: undefined, expiresAt: undefined });
  }

  async #keep(change: Partial<Kept>): Promise<void> {
    this.#kept = { ...this.#kept, ...change };
    // Until a person has signed in, what was kept before is worth more: the tokens in it may still be good.
    if (this.#options.person !== undefined && change.tokens === undefined) return;
    await saveKept(this.#options.vault, this.#options.id, this.#kept);
  }
}

/** RFC 6749, section 2.3.1: how a client shows its secret, encoded first or, as many do, not. */
function basicOf(id: string, secret: string | undefined): readonly string[] {
  if (secret === undefined) return [];
  const pairs = [`${id}:${secret}`, `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`];
  return pairs.map((pair) => Buffer.from(pair).toString('base64'));
}

/** Returns when a token ends, ISO 8601; `undefined` where it does not say so, or says what is no date any more. */
function endOf(now: Date, seconds: number | undefined): string | undefined {
  const end = new Date(now.getTime() + (seconds ?? Number.NaN) * 1_000);
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString();
}

/** RFC 7523, section 2.2: the audience is the authorization server, so that no other can use what was signed. */
function signedWith({ pem, algorithm }: { pem: string; algorithm: string }, id: string): AddClientAuthentication {
  return async (headers, parameters, url, metadata) => {
    const { createPrivateKeyJwtAuth } = await import('@modelcontextprotocol/sdk/client/auth-extensions.js');
    const sign = createPrivateKeyJwtAuth({ issuer: id, subject: id, privateKey: pem, alg: algorithm });
    await sign(headers, parameters, url, metadata);
  };
}

/** RFC 8414, section 3.3; a slash at the end is all that may differ. */
function isSameIssuer(a: string, b: string): boolean {
  return a.replace(/\/$/, '') === b.replace(/\/$/, '');
}

/** Returns the error that nobody is signed in to a server, or not with the rights that it asks for. */
export function loginNeeded(id: ServerId, scope?: string): SealwatchError {
  const why = scope === undefined ? 'nobody is signed in to it' : `it asks for more rights (${quote(scope, 120)})`;
  return new SealwatchError('OAUTH_LOGIN_NEEDED', `${why}: run \`sealwatch login ${id}\``);
}
