import type { ClientPlace, ClientServer } from './client.js';
import { type Entry, findEntries } from './find-entries.js';
import { parseClientText } from './parse-client-text.js';
import { isMembers, readTarget } from './read-target.js';

/** A server as a client names it, with what its file says of it, which may hold secrets. */
export interface ClientEntry extends Pick<Entry, 'path' | 'entry'> {
  readonly server: ClientServer;
}

export type EntriesReading =
  | { readonly kind: 'read'; readonly entries: readonly ClientEntry[] }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Returns the entries of a client's file that name servers, or why that cannot be told. A file without any is read and names none. */
export function readClientEntries(text: string, file: string, place: ClientPlace): EntriesReading {
  const parsed = parseClientText(text, file);
  if (parsed.kind === 'unreadable') return parsed;
  if (parsed.value === undefined || parsed.value === null) return { kind: 'read', entries: [] };
  if (!isMembers(parsed.value)) return unreadable('it is no object');
  const found = findEntries(parsed.value, place);
  if (typeof found === 'string') return unreadable(found);
  const entries = found.map(({ scope, name, path, entry }): ClientEntry => {
    const target = isMembers(entry) ? readTarget(entry) : { kind: 'unknown' as const, why: 'its entry is no object' };
    const server = { client: place.client, scope, file, name, isDisabled: isDisabled(entry), target };
    return { server, path, entry };
  });
  return { kind: 'read', entries };
}

/** Only what is surely off is off. */
function isDisabled(entry: unknown): boolean {
  return isMembers(entry) && (entry['disabled'] === true || entry['enabled'] === false);
}

function unreadable(why: string): { readonly kind: 'unreadable'; readonly why: string } {
  return { kind: 'unreadable', why };
}
