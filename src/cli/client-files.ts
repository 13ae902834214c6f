import type { ClientPlace } from '../clients/client.js';
import type { ClientEntry } from '../clients/read-client-file.js';
import { readClientDocuments, type RefusedFile } from './client-documents.js';

/** What clients use. */
export interface ClientFiles {
  /** Of those that are there. */
  readonly files: readonly string[];
  readonly entries: readonly ClientEntry[];
  /** Files that are there and could not be read: what they name is not known. */
  readonly unreadable: readonly RefusedFile[];
}

/** Reads what is there of the places where clients keep servers. */
export function readClientFiles(places: readonly ClientPlace[]): ClientFiles {
  const { documents, refused } = readClientDocuments(places);
  return {
    files: [...new Set([...documents, ...refused].map(({ file }) => file))],
    entries: documents.flatMap(({ entries }) => entries),
    unreadable: refused,
  };
}
