import { formatRef } from '../integrity/definition-ref.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import type { Server } from '../model/server.js';
import type { Store } from '../ports.js';
import { VANTAGE } from './deps.js';

/** What may be known about the same bytes only later; see `policy.packages`. */
const LATER = ['advisories', 'scriptsInTree'];

/**
 * Returns what looks up the package that is approved with where a server comes from; `undefined` where none is. What was found out about the
 * very same version since is in it: then it is not what was approved, and is held.
 */
export function approvedPackage(
  store: Pick<Store, 'loadStanding' | 'loadSnapshot'>,
): (server: Server) => Promise<JsonValue | undefined> {
  return async ({ id }) => {
    const refText = formatRef({ server: id, kind: 'provenance', name: '' });
    const { baseline } = await store.loadStanding(id, VANTAGE);
    const content = baseline.approved.get(refText)?.content;
    // Our own canonical form.
    const approved = content === undefined ? undefined : memberOf(JSON.parse(content) as JsonValue, 'package');
    if (!isJsonObject(approved)) return approved;
    const snapshot = await store.loadSnapshot(id, VANTAGE);
    const seen = memberOf(snapshot?.definitions.find((one) => one.refText === refText)?.value, 'package');
    return withLater(approved, seen);
  };
}

function withLater(approved: JsonObject, seen: JsonValue | undefined): JsonObject {
  if (!isJsonObject(seen) || !SAME.every((name) => seen[name] === approved[name])) return approved;
  const later = LATER.flatMap((name) => (seen[name] === undefined ? [] : [[name, seen[name]] as const]));
  return { ...approved, ...Object.fromEntries(later) };
}

const SAME = ['name', 'version', 'integrity'];
