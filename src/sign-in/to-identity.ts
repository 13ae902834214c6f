import type { JsonObject } from '../model/json.js';
import type { Grant } from '../model/principal.js';
import { readClaim } from '../model/claim.js';

/** Longer is no name, and stands in every record. */
const MAX_NAME_CHARACTERS = 200;

/** Returns what the claims give, each entry that matches once. Values are compared as they are. */
export function grantsOf(
  claims: JsonObject,
  {
    claim,
    roles,
  }: { readonly claim: string; readonly roles: readonly { readonly value: string; readonly grant: Grant }[] },
): readonly Grant[] {
  const values = new Set(readClaim(claims, claim));
  return roles.filter(({ value }) => values.has(value)).map(({ grant }) => grant);
}

/**
 * Returns what somebody is called in records: the configured claim, else the address if it is verified, else the user name, else the
 * subject. Attack: an address that nobody verified is whatever its owner typed, the address of a colleague for one.
 */
export function nameOf(claims: JsonObject, subject: string, nameClaim: string | undefined): string {
  const candidates = [
    nameClaim === undefined ? undefined : readClaim(claims, nameClaim)[0],
    claims['email_verified'] === true ? claims['email'] : undefined,
    claims['preferred_username'],
  ];
  return candidates.find(isName) ?? subject;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_NAME_CHARACTERS;
}
