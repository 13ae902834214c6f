import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { ClientName, ClientPlace } from '../clients/client.js';
import { type ClientEntry, readClientEntries } from '../clients/read-client-file.js';
import { messageOf } from '../errors.js';
import { type ExactFile, readExactly } from './exact-file.js';

/** A client's file, to be edited. */
export interface ClientDocument {
  readonly client: ClientName;
  readonly file: string;
  readonly read: ExactFile;
  /** Without its byte order mark; `undefined` where it is not JSON. */
  readonly json: string | undefined;
  readonly entries: readonly ClientEntry[];
}

/** A file that is left alone, and why. */
export interface RefusedFile {
  readonly client: ClientName;
  readonly file: string;
  readonly why: string;
}

export interface ClientDocuments {
  readonly documents: readonly ClientDocument[];
  readonly refused: readonly RefusedFile[];
}

/** Reads what is there of the places where clients keep servers; a file of two places is one document. */
export function readClientDocuments(places: readonly ClientPlace[]): ClientDocuments {
  const documents = new Map<string, ClientDocument>();
  const refused: RefusedFile[] = [];
  for (const place of places)
    for (const file of listed(place, refused)) {
      const document = readDocument(file, place);
      if (document === undefined) continue;
      if ('why' in document) refused.push(document);
      else
        documents.set(file, { ...document, entries: [...(documents.get(file)?.entries ?? []), ...document.entries] });
    }
  return { documents: [...documents.values()], refused };
}

/** Returns the bytes of a document with another text. */
export function bytesOf({ read }: Pick<ClientDocument, 'read'>, text: string): Buffer {
  return Buffer.concat([read.bytes.subarray(0, 3).equals(MARK) ? MARK : Buffer.alloc(0), Buffer.from(text)]);
}

const MARK = Buffer.from('\u{feff}');

function listed(place: ClientPlace, refused: RefusedFile[]): readonly string[] {
  try {
    return filesAt(place);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const file = place.where.kind === 'file' ? place.where.path : place.where.folder;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') refused.push({ client: place.client, file, why: messageOf(error) });
    return [];
  }
}

/** Returns the files that a place may have; they may be absent. @throws where a folder cannot be listed. */
export function filesAt({ where }: ClientPlace): readonly string[] {
  switch (where.kind) {
    case 'file':
      return [where.path];
    case 'files':
      return readdirSync(where.folder)
        .filter((name) => where.endings.some((ending) => name.toLowerCase().endsWith(ending)))
        .sort()
        .map((name) => join(where.folder, name));
    case 'folders':
      return readdirSync(where.folder)
        .sort()
        .map((name) => join(where.folder, name, where.name));
  }
}

function readDocument(file: string, place: ClientPlace): ClientDocument | RefusedFile | undefined {
  const { client } = place;
  const read = readExactly(file);
  if (read.kind === 'absent') return undefined;
  if (read.kind === 'unreadable') return { client, file, why: read.why };
  const text = textOf(read.bytes);
  if (text === undefined) return { client, file, why: 'it is not UTF-8' };
  const reading = readClientEntries(text, file, place);
  if (reading.kind === 'unreadable') return { client, file, why: reading.why };
  return { client, file, read, json: /\.(?:toml|ya?ml)$/i.test(file) ? undefined : text, entries: reading.entries };
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The caller says so.
    return undefined;
  }
}
