import type { RefText } from '../model/definition.js';
import type { Snapshot } from '../model/snapshot.js';
import type { Scope } from './scope.js';
import type { CheckRow, SightingRow } from './tables.js';
import { chunks } from './versions.js';

/**
 * Notes what came and what went with an observation. What stays costs nothing: while a version is in the newest snapshot, how
 * often and when it was last seen follow from the check counter.
 *
 * @param before the check row as it was before this observation.
 */
export async function saveSightings(
  rows: Scope,
  snapshot: Snapshot,
  at: string,
  before: CheckRow | undefined,
): Promise<void> {
  const { server, vantage } = snapshot;
  const present = await ofServer(rows, snapshot).where('present_since', 'is not', null).execute();
  const seen = new Map(
    snapshot.definitions.map(({ refText, version }) => [sightingKey(refText, version), { refText, version }]),
  );
  for (const row of present) if (!seen.has(keyOf(row)) && before !== undefined) await leave(rows, row, before);
  for (const row of present) seen.delete(keyOf(row));
  // What is left came with this observation: for the first time, or again.
  const checks = before?.checks ?? 0;
  for (const row of await sightingsOf(rows, snapshot, [...seen.values()])) {
    if (seen.delete(keyOf(row))) await updateSighting(rows, row, { present_since: checks });
  }
  const fresh = [...seen.values()];
  for (const chunk of chunks(fresh)) {
    const sightings = chunk.map(({ refText, version }) => ({
      server,
      vantage,
      ref_text: refText,
      version,
      first_seen_at: at,
      last_seen_at: at,
      times: 0,
      present_since: checks,
    }));
    await rows.insert('sightings', sightings).execute();
  }
}

async function sightingsOf(
  rows: Scope,
  snapshot: Snapshot,
  definitions: readonly { readonly refText: RefText }[],
): Promise<readonly SightingRow[]> {
  const found: SightingRow[] = [];
  for (const chunk of chunks([...new Set(definitions.map(({ refText }) => refText))])) {
    found.push(...(await ofServer(rows, snapshot).where('ref_text', 'in', chunk).execute()));
  }
  return found;
}

function ofServer(rows: Scope, { server, vantage }: Snapshot) {
  return rows.select('sightings').selectAll().where('server', '=', server).where('vantage', '=', vantage);
}

async function leave(rows: Scope, row: SightingRow, before: CheckRow): Promise<void> {
  const times = row.times + before.checks - (row.present_since ?? before.checks);
  await updateSighting(rows, row, { times, last_seen_at: before.at, present_since: null });
}

async function updateSighting(rows: Scope, row: SightingRow, values: Partial<SightingRow>): Promise<void> {
  await rows
    .update('sightings', values)
    .where('server', '=', row.server)
    .where('vantage', '=', row.vantage)
    .where('ref_text', '=', row.ref_text)
    .where('version', '=', row.version)
    .execute();
}

function keyOf(row: SightingRow): string {
  return sightingKey(row.ref_text, row.version);
}

/** References are percent-encoded, so a space ends one. */
function sightingKey(refText: RefText, version: string): string {
  return `${refText} ${version}`;
}
