import { createHash } from 'node:crypto';

import { messageOf } from '../errors.js';
import type { GatewayAuth, Introspection } from '../model/access.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.js';
import type { Clock } from '../ports.js';
import { addressOf, type AskIssuer, lazily } from './issuer-metadata.js';
import { CLOCK_TOLERANCE_SECONDS, type TokenVerdict, verdictOn, type VerifyToken } from './verify-token.js';

/** Tokens that are remembered; the oldest makes room. */
const MAX_TOKENS = 10_000;

/** Who tries tokens that are none must not have the authorization server asked without end. */
const MAX_AT_ONCE = 64;

const REFUSED_MS = 10_000;

/** Claims of an active token, or why it is none. */
type Told = { readonly kind: 'active'; readonly claims: JsonObject } | Exclude<TokenVerdict, { kind: 'valid' }>;

interface Remembered {
  readonly told: Promise<Told>;
  /** Monotonic; it is asked anew then. */
  until: number;
}

/**
 * Returns what asks the authorization server about tokens of whatever form (RFC 7662), and believes what it says for a while.
 *
 * Only what is said to be active, for us, with an end and a subject, is taken; where nobody can be asked, nothing is.
 */
export function introspectToken(
  { issuer }: GatewayAuth,
  introspection: Introspection,
  clock: Clock,
  ask: AskIssuer,
): VerifyToken {
  const endpointOf = lazily(async () => introspection.url ?? (await addressOf(issuer, 'introspection_endpoint', ask)));
  const known = new Map<string, Remembered>();
  let asking = 0;
  return async (token, audiences) => {
    const told = await remembered(token);
    return told.kind === 'active' ? held(told.claims, audiences, issuer, clock) : told;
  };

  async function remembered(token: string): Promise<Told> {
    // Not the token itself: a dump of the memory has to hold it no longer than a request does.
    const key = createHash('sha256').update(token).digest('base64');
    const earlier = known.get(key);
    if (earlier !== undefined && clock.monotonicMs() < earlier.until) return await earlier.told;
    if (asking >= MAX_AT_ONCE) return { kind: 'unknown', why: 'too many tokens are asked about at once' };
    asking += 1;
    const entry = { told: asked(token), until: Number.POSITIVE_INFINITY };
    remember(key, entry);
    const told = await entry.told;
    asking -= 1;
    entry.until = clock.monotonicMs() + lifetimeOf(told, introspection.cacheMs, clock);
    return told;
  }

  function remember(key: string, entry: Remembered): void {
    known.delete(key);
    known.set(key, entry);
    const [oldest] = known.keys();
    if (known.size > MAX_TOKENS && oldest !== undefined) known.delete(oldest);
  }

  async function asked(token: string): Promise<Told> {
    try {
      return await toTold(await ask(await endpointOf(), requestOf(token, introspection)));
    } catch (error) {
      return { kind: 'unknown', why: messageOf(error) };
    }
  }
}

function requestOf(token: string, { clientId, clientSecret }: Introspection): NonNullable<Parameters<AskIssuer>[1]> {
  // RFC 6749, section 2.3.1: both are form-encoded first.
  const [id, secret] = [clientId, clientSecret].map((text) => new URLSearchParams({ _: text }).toString().slice(2));
  return {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  };
}

async function toTold(response: Response): Promise<Told> {
  if (response.status !== 200) return { kind: 'unknown', why: `HTTP ${response.status} to a question about a token` };
  const claims = (await response.json()) as JsonValue;
  const active = isJsonObject(claims) ? claims['active'] : undefined;
  if (isJsonObject(claims) && active === true) return { kind: 'active', claims };
  if (active === false) return { kind: 'invalid', why: 'it is not active' };
  return { kind: 'unknown', why: 'the answer does not say whether the token is active' };
}

/** What is asked about does not live longer than the token; what nobody could say is asked again at once. */
function lifetimeOf(told: Told, cacheMs: number, clock: Clock): number {
  if (told.kind === 'unknown') return 0;
  if (told.kind === 'invalid') return Math.min(cacheMs, REFUSED_MS);
  const { exp } = told.claims;
  return typeof exp === 'number' ? Math.min(cacheMs, exp * 1_000 - clock.now().getTime()) : 0;
}

function held(claims: JsonObject, audiences: readonly string[], issuer: string, clock: Clock): TokenVerdict {
  const { iss, aud, exp, nbf, token_type: type } = claims;
  const now = clock.now().getTime() / 1_000;
  const invalid = (why: string): TokenVerdict => ({ kind: 'invalid', why });
  if (iss !== undefined && iss !== issuer) return invalid('it is of another issuer');
  const theirs = Array.isArray(aud) ? (aud as readonly JsonValue[]) : [aud];
  if (!theirs.some((one) => typeof one === 'string' && audiences.includes(one)))
    return invalid('it is for another audience');
  if (typeof exp !== 'number' || exp + CLOCK_TOLERANCE_SECONDS <= now) return invalid('it has ended, or has no end');
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf - CLOCK_TOLERANCE_SECONDS <= now))
    return invalid('it is not valid yet');
  if (type !== undefined && !(typeof type === 'string' && /^bearer$/i.test(type)))
    return invalid('it is no bearer token');
  return verdictOn(claims);
}
