import type { ClientName } from '../clients/client.js';
import { SealwatchError } from '../errors.js';
import { quote } from '../quote.js';
import type { ClientDocument } from './client-documents.js';
import { type EntryJudge, type EntryVerdict, judgeEntry } from './judge-entry.js';

/** An entry, where it is, and what can be done about it. */
export type JudgedEntry = EntryVerdict & {
  readonly document: ClientDocument;
  readonly name: string;
  readonly isDisabled: boolean;
};

/**
 * Returns the entries that are meant: those of the clients that are named, if any, and of these those of the servers that are
 * named, if any. A server is named as in the configuration, or as in the client's file.
 *
 * @throws {SealwatchError} `NOT_FOUND` for a name of nothing that is there.
 */
export function selectEntries(
  documents: readonly ClientDocument[],
  names: readonly string[],
  judge: EntryJudge,
): readonly JudgedEntry[] {
  const all = documents.flatMap((document) =>
    document.entries.map(
      (entry): JudgedEntry => ({
        ...judgeEntry(entry, document.json, judge),
        document,
        name: entry.server.name,
        isDisabled: entry.server.isDisabled,
      }),
    ),
  );
  const clients = names.filter((name) => documents.some(({ client }) => isClient(name, client)));
  const servers = names.filter((name) => !clients.includes(name));
  const unknown = servers.find((name) => !all.some((one) => isServer(name, one)));
  if (unknown !== undefined)
    throw new SealwatchError(
      'NOT_FOUND',
      `no client with a file here and no server of one is named ${quote(unknown, 60)}`,
    );
  return all.filter(
    (one) =>
      (clients.length === 0 || clients.some((name) => isClient(name, one.document.client))) &&
      (servers.length === 0 || servers.some((name) => isServer(name, one))),
  );
}

/** Whether a name, however it is spelled, is that of a client. */
export function isClient(name: string, client: ClientName): boolean {
  return name.toLowerCase().replaceAll(' ', '-') === client.toLowerCase().replaceAll(' ', '-');
}

function isServer(name: string, one: JudgedEntry): boolean {
  return one.name === name || ('server' in one && one.server === name);
}
