import type { VersionId } from '../model/fingerprint.js';
import type { Judgement, Verdict } from '../model/judgement.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import { chunks } from './versions.js';

/** Returns what a judge said of versions that it was asked about. */
export async function loadJudgements(
  rows: Scope,
  judge: string,
  versions: readonly VersionId[],
): Promise<ReadonlyMap<VersionId, Verdict>> {
  const found = new Map<VersionId, Verdict>();
  for (const some of chunks([...new Set(versions)])) {
    const stored = rows.select('judgements').select(['version', 'verdict']).where('judge', '=', judge);
    for (const row of await stored.where('version', 'in', some).execute()) {
      found.set(row.version, readJson<Verdict>(row.verdict));
    }
  }
  return found;
}

/** Keeps what a judge said; what it said before of a version is replaced. */
export async function saveJudgements(rows: Scope, judge: string, judgements: readonly Judgement[]): Promise<void> {
  for (const { version, at, verdict } of judgements) {
    await rows.remove('judgements').where('judge', '=', judge).where('version', '=', version).execute();
    await rows.insert('judgements', { judge, version, at, verdict: JSON.stringify(verdict) }).execute();
  }
}
