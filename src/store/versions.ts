import { SealwatchError } from '../errors.js';
import type { VersionId } from '../model/fingerprint.js';
import type { Definition } from '../model/definition.js';
import type { Scope } from './scope.js';

/** Stays below SQLite's limit of parameters, whatever the server's size. */
const PER_STATEMENT = 500;

/** Stores the texts of versions that were never seen before. */
export async function saveVersions(rows: Scope, definitions: readonly Definition[]): Promise<void> {
  const texts = new Map(definitions.map(({ version, content }) => [version, content]));
  const known = await knownVersions(rows, [...texts.keys()]);
  const fresh = [...texts].filter(([version]) => !known.has(version));
  for (const chunk of chunks(fresh)) {
    await rows
      .insert(
        'versions',
        chunk.map(([version, content]) => ({ version, content })),
      )
      .execute();
  }
}

/** Returns the stored texts of versions; unknown ones are left out. */
export async function loadTexts(rows: Scope, versions: readonly VersionId[]): Promise<ReadonlyMap<VersionId, string>> {
  const texts = new Map<VersionId, string>();
  for (const chunk of chunks([...new Set(versions)])) {
    const found = await rows.select('versions').select(['version', 'content']).where('version', 'in', chunk).execute();
    for (const { version, content } of found) texts.set(version, content);
  }
  return texts;
}

/** Returns a text that has to be there. @throws {SealwatchError} `STORE_CORRUPT` */
export function textOf(texts: ReadonlyMap<VersionId, string>, version: VersionId): string {
  const text = texts.get(version);
  if (text === undefined)
    throw new SealwatchError('STORE_CORRUPT', `the text of version ${version} is missing from the store`);
  return text;
}

async function knownVersions(rows: Scope, versions: readonly VersionId[]): Promise<ReadonlySet<VersionId>> {
  const known = new Set<VersionId>();
  for (const chunk of chunks(versions)) {
    const found = await rows.select('versions').select('version').where('version', 'in', chunk).execute();
    for (const { version } of found) known.add(version);
  }
  return known;
}

/** Returns a list in parts that fit one statement. */
export function chunks<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / PER_STATEMENT);
  return Array.from({ length: count }, (_, index) => items.slice(index * PER_STATEMENT, (index + 1) * PER_STATEMENT));
}
