import type { JsonObject } from './json.js';

/**
 * Returns the texts that a claim holds: one, or those in a list; none where it is absent or holds something else.
 *
 * The name stands for the member of exactly that name first, since some providers name claims by URL
 * (`https://example.com/roles`), and for a path otherwise (`realm_access.roles`).
 */
export function readClaim(claims: JsonObject, name: string): readonly string[] {
  const value = ownMember(claims, name) ?? name.split('.').reduce<unknown>(ownMember, claims);
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function ownMember(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
    return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
