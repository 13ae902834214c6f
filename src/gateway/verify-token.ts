import type { JsonObject, JsonValue } from '../model/json.js';

/** What is known of an access token. */
export type TokenVerdict =
  /** `sub` is whom it names; `undefined` where it is a program's own. */
  | {
      readonly kind: 'valid';
      readonly subject: string;
      readonly sub: string | undefined;
      readonly claims: JsonObject;
    }
  | { readonly kind: 'invalid'; readonly why: string }
  /** The authorization server could not be asked: the token may be good, and is not taken. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Says whether a token was made for one of these audiences, and for whom. Never rejects. */
export type VerifyToken = (token: string, audiences: readonly string[]) => Promise<TokenVerdict>;

/** Two clocks that are both right. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Returns the verdict on claims that are the issuer's: whom they name, and that whoever brings the token need prove nothing else.
 *
 * A token that is bound to a key (RFC 8705, RFC 9449) is worth nothing in other hands, and here nobody proves to have the key.
 */
export function verdictOn(claims: JsonObject): TokenVerdict {
  const { sub, cnf, client_id: client } = claims;
  if (cnf !== undefined) return { kind: 'invalid', why: 'it is bound to a key that nobody proves to have' };
  if (isName(sub)) return { kind: 'valid', subject: sub, sub, claims };
  // Of a program that acts for itself an authorization server need not name a subject (RFC 7662, section 2.2).
  if (sub === undefined && isName(client))
    return { kind: 'valid', subject: `client ${client}`, sub: undefined, claims };
  return { kind: 'invalid', why: 'it names no subject' };
}

function isName(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
