import { formatRef } from '../integrity/definition-ref.js';
import { type JsonValue, memberOf } from '../model/json.js';
import type { Server } from '../model/server.js';
import type { Store } from '../ports.js';
import { VANTAGE } from './deps.js';

/** Returns what looks up the package that is approved with where a server comes from; `undefined` where none is. */
export function approvedPackage(
  store: Pick<Store, 'loadStanding'>,
): (server: Server) => Promise<JsonValue | undefined> {
  return async ({ id }) => {
    const { baseline } = await store.loadStanding(id, VANTAGE);
    const approved = baseline.approved.get(formatRef({ server: id, kind: 'provenance', name: '' }));
    // Our own canonical form.
    return approved && memberOf(JSON.parse(approved.content) as JsonValue, 'package');
  };
}
