import type { RefText } from '../model/definition.js';
import type { ServerId } from '../model/server-id.js';
import type { ApprovalRecord, SeenVersion } from '../ports.js';
import { toApprovalRecord } from './approvals.js';
import type { Scope } from './scope.js';
import type { ApprovalRow, CheckRow, SightingRow } from './tables.js';
import { loadTexts, textOf } from './versions.js';

/** Returns every version that was ever seen of a definition, oldest first, with its approvals. */
export async function loadHistory(rows: Scope, refText: RefText): Promise<readonly SeenVersion[]> {
  const sightings = rows.select('sightings').selectAll().where('ref_text', '=', refText);
  const approvals = rows.select('approvals').selectAll().where('ref_text', '=', refText);
  return joined(
    rows,
    await sightings.orderBy('first_seen_at').orderBy('version').execute(),
    await approvals.orderBy('id').execute(),
  );
}

/** Returns every version that was ever seen of every definition of a server, in the order of reference and time. */
export async function loadHistoryOf(rows: Scope, server: ServerId): Promise<readonly SeenVersion[]> {
  const sightings = rows.select('sightings').selectAll().where('server', '=', server);
  const approvals = rows.select('approvals').selectAll().where('server', '=', server);
  return joined(
    rows,
    await sightings.orderBy('ref_text').orderBy('first_seen_at').orderBy('version').execute(),
    await approvals.orderBy('id').execute(),
  );
}

async function joined(
  rows: Scope,
  sightings: readonly SightingRow[],
  approvals: readonly ApprovalRow[],
): Promise<readonly SeenVersion[]> {
  const checks = await rows.select('checks').selectAll().execute();
  const bySighting = new Map<string, ApprovalRow[]>();
  for (const row of approvals) bySighting.set(keyOf(row), [...(bySighting.get(keyOf(row)) ?? []), row]);
  const texts = await loadTexts(
    rows,
    sightings.map(({ version }) => version),
  );
  return sightings.map((row) => {
    const check = checks.find(({ server, vantage }) => server === row.server && vantage === row.vantage);
    const own = bySighting.get(keyOf(row)) ?? [];
    return toSeenVersion(row, check, textOf(texts, row.version), own.map(toApprovalRecord));
  });
}

/** Neither a vantage nor a reference, which is percent-encoded, has a space in it. */
function keyOf({ vantage, ref_text, version }: Pick<SightingRow, 'vantage' | 'ref_text' | 'version'>): string {
  return `${vantage} ${ref_text} ${version}`;
}

function toSeenVersion(
  row: SightingRow,
  check: CheckRow | undefined,
  content: string,
  approvals: readonly ApprovalRecord[],
): SeenVersion {
  const isPresent = row.present_since !== null && check !== undefined;
  return {
    refText: row.ref_text,
    version: row.version,
    content,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: isPresent ? check.at : row.last_seen_at,
    times: row.times + (isPresent ? check.checks - (row.present_since ?? 0) : 0),
    approvals,
  };
}
