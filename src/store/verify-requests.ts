import { claimText } from './audit-entry.js';
import { requestClaim } from './claims.js';
import type { Replay } from './replay.js';
import type { Scope } from './scope.js';
import type { RequestRow } from './tables.js';
import { digestOfTexts, tellingOf } from './tellings.js';

/**
 * Holds every request against the log: what it asks for, what it tells, what became of it, and the texts that it names.
 *
 * @param claims what each entry says, by position; erased ones are left out.
 */
export async function checkRequests(
  rows: Scope,
  replay: Replay,
  claims: ReadonlyMap<number, string>,
  problems: string[],
): Promise<void> {
  const stored = await rows.select('requests').selectAll().execute();
  const known = new Set(stored.map(({ id }) => id));
  for (const id of replay.requests.ids().filter((one) => !known.has(one)))
    problems.push(`request ${id} is in the log and has no row`);
  for (const row of stored) {
    if (claims.get(row.leaf) !== claimText(requestClaim(row)))
      problems.push(`request ${row.id} stands without its entry in the log, or was edited`);
    if (!tellsWhatWasTold(row, replay, claims))
      problems.push(`what request ${row.id} tells is not what the log says was told`);
    if (!replay.requests.allows(row))
      problems.push(`request ${row.id} is ${row.state} in its row, and in the log it is not so`);
    if (row.texts_digest !== null && row.texts_digest !== (await digestOfTexts(rows, row)))
      problems.push(`the text of a version that request ${row.id} names was edited or is missing`);
  }
}

function tellsWhatWasTold(row: RequestRow, replay: Replay, claims: ReadonlyMap<number, string>): boolean {
  const { leaf, claim, isAsLogged } = tellingOf(row);
  if (!isAsLogged || replay.isEnded(leaf)) return false;
  return claim === undefined || claims.get(leaf) === claimText(claim);
}
