import * as oidc from 'openid-client';

import { messageOf, SealwatchError } from '../errors.js';
import type { JsonObject } from '../model/json.js';
import type { Provider } from '../model/provider.js';
import type { Identity, IdentityProvider } from '../ports.js';
import { quote } from '../quote.js';
import { createProviderFetch } from './provider-fetch.js';
import { readClaim } from '../model/claim.js';
import { grantsOf, nameOf } from './to-identity.js';

/** A person waits in front of a browser. */
const TIMEOUT_SECONDS = 10;

/** Clocks of two machines. */
const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Returns a provider of OpenID Connect: authorization code with PKCE (S256), state and nonce; the issuer of the response (RFC 9207) and the
 * ID token, with its signature, are checked.
 *
 * Nothing is asked of it before somebody signs in, so that a provider that is down keeps nobody from watching.
 */
export function createIdentityProvider(options: Provider): IdentityProvider {
  const fetch = createProviderFetch(options.ca);
  let discovered: Promise<oidc.Configuration> | undefined;
  const configuration = (): Promise<oidc.Configuration> => (discovered ??= discover(options, fetch));
  /** What was found out about it is asked anew after a failure: it may be down, or may have moved. */
  const attempt = async <Result>(action: (config: oidc.Configuration) => Promise<Result>): Promise<Result> => {
    try {
      return await action(await configuration());
    } catch (cause) {
      discovered = undefined;
      if (cause instanceof SealwatchError) throw cause;
      throw new SealwatchError('SIGN_IN_FAILED', `${options.issuer}: ${describe(cause)}`, { cause });
    }
  };
  return {
    name: new URL(options.issuer).host,
    claim: options.claim,
    begin: ({ redirectUri }) => attempt((config) => begin(config, redirectUri, options)),
    finish: (answer) => attempt((config) => finish(config, answer, options)),
  };
}

async function discover(options: Provider, fetch: oidc.CustomFetch): Promise<oidc.Configuration> {
  const issuer = new URL(options.issuer);
  // The configuration lets http through for loopback only, which is what the library's warning is about.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
  const execute = issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
  const metadata = { [oidc.clockTolerance]: CLOCK_TOLERANCE_SECONDS };
  return oidc.discovery(issuer, options.clientId, metadata, authenticationFor(options.clientSecret), {
    // The library would take the token endpoint's word for an ID token; it is signed, so the signature is looked at.
    execute: [...execute, oidc.enableNonRepudiationChecks],
    timeout: TIMEOUT_SECONDS,
    [oidc.customFetch]: fetch,
  });
}

/** `client_secret_basic` is what every client may use unless told otherwise (OpenID Connect Discovery 1.0, section 3). */
function authenticationFor(secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None();
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const isPostOnly = methods?.includes('client_secret_basic') === false && methods.includes('client_secret_post');
    (isPostOnly ? post : basic)(server, client, body, headers);
  };
}

async function begin(
  config: oidc.Configuration,
  redirectUri: string,
  { scopes }: Provider,
): ReturnType<IdentityProvider['begin']> {
  const [state, nonce, codeVerifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  return { url: url.href, state, nonce, codeVerifier };
}

async function finish(
  config: oidc.Configuration,
  { callbackUrl, state, nonce, codeVerifier }: Parameters<IdentityProvider['finish']>[0],
  options: Provider,
): Promise<Identity> {
  const tokens = await oidc.authorizationCodeGrant(config, new URL(callbackUrl), {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  });
  const idToken = tokens.claims();
  if (idToken === undefined) throw new SealwatchError('SIGN_IN_FAILED', `${options.issuer}: no ID token in the answer`);
  const { sub: subject } = idToken;
  const claims = await withUserInfo(idToken as JsonObject, subject, tokens.access_token, config, options);
  return {
    issuer: config.serverMetadata().issuer,
    subject,
    name: nameOf(claims, subject, options.nameClaim),
    grants: grantsOf(claims, options),
  };
}

/** Many providers keep the ID token small and say the rest on request. What the signed ID token says outranks it. */
async function withUserInfo(
  claims: JsonObject,
  subject: string,
  accessToken: string,
  config: oidc.Configuration,
  options: Provider,
): Promise<JsonObject> {
  const isComplete =
    readClaim(claims, options.claim).length > 0 && nameOf(claims, subject, options.nameClaim) !== subject;
  if (isComplete || config.serverMetadata().userinfo_endpoint === undefined) return claims;
  // Checked to be about the same person: an access token of somebody else would bring that one's roles (OpenID Connect Core, 5.3.2).
  const userInfo = await oidc.fetchUserInfo(config, accessToken, subject);
  return { ...(userInfo as JsonObject), ...claims };
}

/** Codes and texts of the provider, quoted; never a token or a code. */
function describe(error: unknown): string {
  const { error: code, error_description: text, cause } = error as Readonly<Record<string, unknown>>;
  const inner = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : '';
  const told = typeof code === 'string' ? ` (${code}${typeof text === 'string' ? `: ${text}` : ''})` : '';
  return quote(`${messageOf(error)}${told}${inner}`, 300);
}
