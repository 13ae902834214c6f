import type { Judgement, Verdict } from '../model/judgement.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import { chunks } from './versions.js';

/** Returns what a judge said of texts that it was asked about. */
export async function loadJudgements(
  rows: Scope,
  judge: string,
  texts: readonly string[],
): Promise<ReadonlyMap<string, Verdict>> {
  const found = new Map<string, Verdict>();
  for (const some of chunks([...new Set(texts)])) {
    const stored = rows.select('judgements').select(['text', 'verdict']).where('judge', '=', judge);
    for (const row of await stored.where('text', 'in', some).execute()) {
      found.set(row.text, readJson<Verdict>(row.verdict));
    }
  }
  return found;
}

/** Keeps what a judge said; what it said before of a version is replaced. */
export async function saveJudgements(rows: Scope, judge: string, judgements: readonly Judgement[]): Promise<void> {
  for (const { text, at, verdict } of judgements) {
    await rows.remove('judgements').where('judge', '=', judge).where('text', '=', text).execute();
    await rows.insert('judgements', { judge, text, at, verdict: JSON.stringify(verdict) }).execute();
  }
}
