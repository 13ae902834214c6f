import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { ClientName, ClientPlace, ClientServer } from '../clients/client.js';
import { readClientFile } from '../clients/read-client-file.js';

/** Claude Code keeps much else in its file; a larger one is no settings file. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** A file that is there and could not be read: what it names is not known. */
interface UnreadableFile {
  readonly client: ClientName;
  readonly file: string;
  readonly why: string;
}

export interface ClientFiles {
  /** Of those that are there. */
  readonly files: readonly string[];
  readonly servers: readonly ClientServer[];
  readonly unreadable: readonly UnreadableFile[];
}

/** Reads what is there of the places where clients keep servers. */
export function readClientFiles(places: readonly ClientPlace[]): ClientFiles {
  const files = new Set<string>();
  const servers: ClientServer[] = [];
  const unreadable: UnreadableFile[] = [];
  for (const place of places) {
    const { client } = place;
    const found = attempt(() => filesAt(place));
    if (found.kind === 'failed') unreadable.push({ client, file: folderOf(place), why: found.why });
    for (const file of found.kind === 'done' ? found.value : []) {
      const text = attempt(() => readText(file));
      if (text.kind === 'absent') continue;
      files.add(file);
      const reading = text.kind === 'done' ? readClientFile(text.value, file, place) : undefined;
      if (reading?.kind === 'read') servers.push(...reading.servers);
      else unreadable.push({ client, file, why: reading?.why ?? (text.kind === 'failed' ? text.why : '') });
    }
  }
  return { files: [...files], servers, unreadable };
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

function folderOf({ where }: ClientPlace): string {
  return where.kind === 'file' ? where.path : where.folder;
}

type Attempt<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string };

function attempt<Value>(action: () => Value): Attempt<Value> {
  try {
    return { kind: 'done', value: action() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return { kind: 'failed', why: code ?? (error instanceof Error ? error.message : 'cannot be read') };
  }
}

function readText(file: string): string {
  const stats = statSync(file);
  // A pipe would never end.
  if (!stats.isFile()) throw new Error('it is no file');
  if (stats.size > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES} bytes`);
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
}
