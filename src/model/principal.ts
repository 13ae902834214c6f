import type { Actor } from './change-request.js';
import { matchesPattern } from './pattern.js';

/** What somebody may do, least first: look; decide, waive, comment; also manage tokens and failed deliveries. */
export const ROLES = ['viewer', 'approver', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** A role on the servers whose id matches one of the patterns. */
export interface Grant {
  readonly role: Role;
  /** Server ids in which `*` stands for any characters: `payments-*`; `*` alone is every server. */
  readonly servers: readonly string[];
}

/** Somebody who is known: signed in, with an enrolled browser, or with a token. */
export interface Principal {
  /** Stable and unique: `oidc:<issuer>#<subject>`, `approver:<name>`, `api-token:<name>`, `console`. */
  readonly id: string;
  /** As shown and recorded. */
  readonly name: string;
  readonly how: 'oidc' | 'browser' | 'api-token' | 'console';
  readonly grants: readonly Grant[];
}

/** Every server there is. */
export const EVERY_SERVER: readonly string[] = ['*'];

/** Returns whether somebody has at least this role on a server. */
export function hasRole(principal: Pick<Principal, 'grants'>, role: Role, server: string): boolean {
  return principal.grants.some(
    (grant) => includesRole(grant, role) && grant.servers.some((one) => matchesPattern(one, server)),
  );
}

/** Returns whether somebody has at least this role on every server: what concerns no single one (the audit log, tokens) needs that. */
export function hasRoleEverywhere(principal: Pick<Principal, 'grants'>, role: Role): boolean {
  return principal.grants.some((grant) => includesRole(grant, role) && grant.servers.includes('*'));
}

/** Returns who decides when this principal does. */
export function actorOf(principal: Principal): Actor {
  return { kind: 'person', name: principal.name, how: principal.how, id: principal.id };
}

function includesRole(grant: Grant, role: Role): boolean {
  return ROLES.indexOf(grant.role) >= ROLES.indexOf(role);
}
