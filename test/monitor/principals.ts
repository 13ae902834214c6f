import type { Principal, Role } from '../../src/model/principal.js';

/** Somebody who signed in, with a role on these servers. */
export function somebody(name: string, role: Role = 'approver', servers: readonly string[] = ['*']): Principal {
  return { id: `oidc:https://id.example#${name}`, name, how: 'oidc', grants: [{ role, servers }] };
}
