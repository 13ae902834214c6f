import type { Definition } from '../model/definition.js';
import { isMalformed, parseFingerprint } from '../model/fingerprint.js';
import type { JsonValue } from '../model/json.js';
import type { ServerId } from '../model/server-id.js';
import type { SetHashes, Snapshot } from '../model/snapshot.js';
import { findCheck } from './checks.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import type { SnapshotRow } from './tables.js';
import { chunks, loadTexts, saveVersions, textOf } from './versions.js';

/** Stores a snapshot and its texts, each once, and what of the newest texts a mask hides from the version. */
export async function saveSnapshot(rows: Scope, snapshot: Snapshot): Promise<void> {
  const { server, vantage, digest, protocolVersion, setHashes, definitions } = snapshot;
  await saveVersions(rows, definitions);
  await rows
    .insert('snapshots', {
      server,
      vantage,
      digest,
      protocol_version: protocolVersion,
      set_hashes: JSON.stringify(setHashes),
      definitions: JSON.stringify(definitions.map(withoutText)),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await saveCurrentTexts(rows, snapshot);
}

/** Returns the newest snapshot of a server with its texts; `undefined` where none was ever complete. */
export async function loadNewestSnapshot(
  rows: Scope,
  server: ServerId,
  vantage: string,
): Promise<Snapshot | undefined> {
  const check = await findCheck(rows, server, vantage);
  if (check === undefined) return undefined;
  const row = await findSnapshot(rows, server, vantage, check.snapshot_digest);
  if (row === undefined) return undefined;
  const stored = readJson<readonly StoredDefinition[]>(row.definitions);
  const texts = await loadTexts(
    rows,
    stored.map(({ version }) => version),
  );
  const current = await loadCurrentTexts(rows, server, vantage);
  return {
    server,
    vantage,
    protocolVersion: row.protocol_version,
    definitions: stored.map((definition) => withText(definition, textOf(texts, definition.version), current)),
    digest: row.digest,
    setHashes: readSetHashes(row.set_hashes),
    rawDigest: check.raw_digest,
  };
}

/** Returns what the newest snapshot of a server shows, without texts. */
export async function newestVersions(
  rows: Scope,
  server: string,
  vantage: string,
): Promise<readonly Pick<Definition, 'refText' | 'version'>[]> {
  const check = await findCheck(rows, server, vantage);
  const row = check && (await findSnapshot(rows, server, vantage, check.snapshot_digest));
  return row === undefined ? [] : readJson<readonly StoredDefinition[]>(row.definitions);
}

/** A definition without its text, which is stored by version; `isReadable` says that the text has one value. */
type StoredDefinition = Omit<Definition, 'content' | 'value' | 'rawFingerprint'> & { readonly isReadable: boolean };

function withoutText(definition: Definition): StoredDefinition {
  const { ref, refText, version, value, flaws, inexactNumbers, masked } = definition;
  return { ref, refText, version, flaws, inexactNumbers, masked, isReadable: value !== undefined };
}

function withText(stored: StoredDefinition, text: string, current: ReadonlyMap<string, CurrentText>): Definition {
  const { isReadable, ...rest } = stored;
  const newest = current.get(stored.refText);
  const content = newest?.content ?? text;
  return {
    ...rest,
    rawFingerprint: isMalformed(stored.version)
      ? undefined
      : parseFingerprint(newest?.raw_fingerprint ?? stored.version.slice(0, FINGERPRINT_LENGTH)),
    // A canonical form, or a text without repeated members: JSON.parse reads it exactly, `__proto__` included.
    value: isReadable ? readJson<JsonValue>(content) : undefined,
    content,
  };
}

/** Where no mask applies, a version begins with the fingerprint of the text as sent. */
const FINGERPRINT_LENGTH = 'v1:sha256:'.length + 64;

interface CurrentText {
  readonly ref_text: string;
  readonly raw_fingerprint: string;
  readonly content: string;
}

/**
 * Under a mask one version has many texts. Only the newest is kept beside the first: it is what the scan has to see, and a date
 * that changes with every poll must not fill the store.
 */
async function saveCurrentTexts(rows: Scope, { server, vantage, definitions }: Snapshot): Promise<void> {
  const first = await loadTexts(
    rows,
    definitions.map(({ version }) => version),
  );
  const different = definitions.flatMap(({ refText, version, rawFingerprint, content }) => {
    if (rawFingerprint === undefined) return [];
    const isAsStored = version.startsWith(rawFingerprint) && first.get(version) === content;
    return isAsStored ? [] : [{ server, vantage, ref_text: refText, raw_fingerprint: rawFingerprint, content }];
  });
  await rows.remove('current_texts').where('server', '=', server).where('vantage', '=', vantage).execute();
  for (const chunk of chunks(different)) await rows.insert('current_texts', chunk).execute();
}

async function loadCurrentTexts(
  rows: Scope,
  server: string,
  vantage: string,
): Promise<ReadonlyMap<string, CurrentText>> {
  const texts = await rows
    .select('current_texts')
    .select(['ref_text', 'raw_fingerprint', 'content'])
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .execute();
  return new Map(texts.map((text) => [text.ref_text, text]));
}

async function findSnapshot(
  rows: Scope,
  server: string,
  vantage: string,
  digest: string,
): Promise<SnapshotRow | undefined> {
  return rows
    .select('snapshots')
    .selectAll()
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .where('digest', '=', digest)
    .executeTakeFirst();
}

function readSetHashes(text: string): SetHashes {
  const { tools, prompts, resources, resourceTemplates, instructions } = readJson<Partial<SetHashes>>(text);
  return { tools, prompts, resources, resourceTemplates, instructions };
}
