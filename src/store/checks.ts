import { SealwatchError } from '../errors.js';
import type { Checked, Unchecked } from '../model/inspection.js';
import { parseServerId, type ServerId } from '../model/server-id.js';
import type { LastCheck, ServerCheck, Stamp, Standing } from '../ports.js';
import type { ErrorCode } from '../errors.js';
import type { Scope } from './scope.js';
import type { CheckRow, OutageRow } from './tables.js';
import type { Reading } from './transactions.js';

/** Returns the row of a server; `undefined` before the first complete observation. */
export async function findCheck(rows: Scope, server: string, vantage: string): Promise<CheckRow | undefined> {
  return rows
    .select('checks')
    .selectAll()
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .executeTakeFirst();
}

/** Returns the newest complete observation. */
export function toLastCheck(check: CheckRow | undefined): LastCheck | undefined {
  if (check === undefined) return undefined;
  const { at, key, checks } = check;
  return { at, key, rawDigest: check.raw_digest, snapshotDigest: check.snapshot_digest, checks };
}

/**
 * Returns the little that an unchanged poll needs: two small rows.
 *
 * A key without its seal is none, and the next observation is evaluated in full: whoever writes to the database could otherwise
 * put the key of other bytes there, and they would be taken for unchanged.
 */
export async function loadStamp({ rows, log }: Reading, server: ServerId, vantage: string): Promise<Stamp> {
  const check = await findCheck(rows, server, vantage);
  const { surroundings } = await rows.select('tenants').select('surroundings').executeTakeFirstOrThrow();
  const isSealed = check !== undefined && check.seal !== null && check.seal === log.seal?.(sealed(check));
  return { revision: check?.revision ?? 0, surroundings, key: isSealed ? check.key : undefined };
}

/** What the shortcut for equal bytes rests on. */
function sealed(
  check: Pick<CheckRow, 'server' | 'vantage' | 'key' | 'raw_digest' | 'snapshot_digest'>,
): readonly string[] {
  return [check.server, check.vantage, check.key, check.raw_digest, check.snapshot_digest];
}

/** Returns every server that was ever looked at, in the order of their ids: one that never answered has only an outage. */
export async function listChecks(rows: Scope): Promise<readonly ServerCheck[]> {
  const checks = await rows.select('checks').selectAll().execute();
  const outages = await rows.select('outages').selectAll().execute();
  const keys = new Set([...checks, ...outages].map(({ server, vantage }) => `${server} ${vantage}`));
  return [...keys].sort().map((key) => {
    const [server = '', vantage = ''] = key.split(' ');
    const isOurs = (row: { readonly server: string; readonly vantage: string }): boolean =>
      row.server === server && row.vantage === vantage;
    const outage = outages.find(isOurs);
    return {
      server: parseServerId(server),
      vantage,
      last: toLastCheck(checks.find(isOurs)),
      outage: outage && toOutage(outage),
    };
  });
}

/** Counts a complete observation, or takes over the key of a new evaluation of the newest one. Ends an outage. */
export async function saveCheck(
  { rows, log }: Reading,
  { server, vantage, at, key, snapshot }: Checked,
  before: CheckRow | undefined,
  now: { readonly occasion: 'observation' | 'decision'; readonly revision: number },
): Promise<void> {
  const { revision } = now;
  const digests = { raw_digest: snapshot.rawDigest, snapshot_digest: snapshot.digest };
  const newest = now.occasion === 'decision' && before !== undefined ? before : digests;
  const { raw_digest, snapshot_digest } = newest;
  const seal = log.seal?.(sealed({ server, vantage, key, raw_digest, snapshot_digest })) ?? null;
  if (before === undefined) {
    await rows.insert('checks', { server, vantage, revision, checks: 1, at, key, ...digests, seal }).execute();
  } else {
    const counted = now.occasion === 'decision' ? {} : { checks: before.checks + 1, at, ...digests };
    await rows
      .update('checks', { revision, key, seal, ...counted })
      .where('server', '=', server)
      .where('vantage', '=', vantage)
      .execute();
  }
  if (now.occasion === 'observation') await endOutage(rows, server, vantage);
}

/** Counts one more complete observation of the same. The newest snapshot's sightings are derived from this row. */
export async function countUnchanged(rows: Scope, server: ServerId, vantage: string, at: string): Promise<void> {
  const check = await findCheck(rows, server, vantage);
  if (check === undefined)
    throw new SealwatchError('STORE_CONFLICT', `${server} was never observed: nothing can be unchanged`);
  await rows
    .update('checks', { checks: check.checks + 1, at })
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .execute();
  await endOutage(rows, server, vantage);
}

/** Makes every inspection that is under way evaluate again: what it was made from has been decided about. */
export async function bumpRevision(rows: Scope, server: string, vantage?: string): Promise<void> {
  const checks = await rows.select('checks').selectAll().where('server', '=', server).execute();
  for (const check of checks.filter((one) => vantage === undefined || one.vantage === vantage)) {
    await rows
      .update('checks', { revision: check.revision + 1 })
      .where('server', '=', server)
      .where('vantage', '=', check.vantage)
      .execute();
  }
}

/** Counts a failure, and begins an outage with the first. */
export async function countFailure(rows: Scope, { server, vantage, at, code, message }: Unchecked): Promise<void> {
  const outage = await findOutage(rows, server, vantage);
  if (outage === undefined) {
    await rows.insert('outages', { server, vantage, since: at, failures: 1, code, message }).execute();
    return;
  }
  await rows
    .update('outages', { failures: outage.failures + 1, code, message })
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .execute();
}

/** Returns the outage that is going on. */
export async function findOutage(rows: Scope, server: string, vantage: string): Promise<Standing['outage']> {
  const outage = await rows
    .select('outages')
    .selectAll()
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .executeTakeFirst();
  return outage && toOutage(outage);
}

function toOutage({ since, failures, code, message }: OutageRow): NonNullable<Standing['outage']> {
  return { since, failures, code: code as ErrorCode, message };
}

async function endOutage(rows: Scope, server: string, vantage: string): Promise<void> {
  await rows.remove('outages').where('server', '=', server).where('vantage', '=', vantage).execute();
}
