import { SealwatchError } from '../errors.js';
import type { Consent, ConsentAsked } from '../model/consent.js';
import type { ServerId } from '../model/server-id.js';
import type { Store } from '../ports.js';
import { brokenLog, type NewEntry } from './audit-entry.js';
import { consentClaim, SEALWATCH } from './claims.js';
import type { ConsentRow } from './people-tables.js';
import type { Reading, Writing } from './transactions.js';

/** Returns the question about the same that still counts; `undefined` where there is none. */
export async function loadSameConsent(
  reading: Reading,
  { binding, askedAt }: Pick<ConsentAsked, 'binding' | 'askedAt'>,
): Promise<Consent | undefined> {
  const same = reading.rows.select('consents').selectAll().where('binding', '=', binding);
  const row = await same
    .where('expires_at', '>', askedAt)
    .where('used_at', 'is', null)
    .orderBy('asked_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toConsent(reading, row);
}

/** Keeps a question, where no more than so many wait for an answer; those that count no more are removed. */
export async function saveConsent(
  writing: Writing,
  asked: ConsentAsked,
  mostWaiting: number,
): Promise<Consent | undefined> {
  const { rows, log } = writing;
  const same = await loadSameConsent(writing, asked);
  if (same !== undefined) return same;
  await rows.remove('consents').where('expires_at', '<=', asked.askedAt).execute();
  const theirs = rows.select('consents').select('id').where('server', '=', asked.server);
  const waiting = await theirs.where('subject', '=', asked.subject).where('decision', 'is', null).execute();
  if (waiting.length >= mostWaiting) return undefined;
  const row = { ...toRow(asked), ...UNDECIDED };
  await rows.insert('consents', { ...row, seal: log.seal?.(sealed(row)) ?? '' }).execute();
  return { ...asked, state: 'waiting', decidedBy: undefined, decidedAt: undefined };
}

/** Returns a question by its id; `undefined` where it was never asked, or is long over. @throws {SealwatchError} `AUDIT_BROKEN` */
export async function loadConsent(reading: Reading, id: string): Promise<Consent | undefined> {
  const row = await findRow(reading, id);
  return row === undefined ? undefined : toConsent(reading, row);
}

/** @throws {SealwatchError} `NOT_FOUND`, `APPROVAL_SETTLED`, `APPROVAL_STALE` */
export async function settleConsent(
  writing: Writing,
  { id, decision, actor, at, expiresAt }: Parameters<Store['decideConsent']>[0],
): Promise<Consent> {
  const row = await findRow(writing, id);
  if (row === undefined) throw new SealwatchError('NOT_FOUND', 'no such question');
  // Also where what is shown was edited: then nothing is decided.
  const { state } = await toConsent(writing, row);
  if (state !== 'waiting') throw new SealwatchError('APPROVAL_SETTLED', `this call was decided at ${row.decided_at}`);
  if (at >= row.expires_at) throw new SealwatchError('APPROVAL_STALE', `this question expired at ${row.expires_at}`);
  const decided = { ...row, decision, decided_by: actor, decided_at: at, expires_at: expiresAt };
  const leaf = await writing.append(claimOfConsent(decided));
  const { decided_by, decided_at } = decided;
  const change = { decision, decided_by, decided_at, expires_at: expiresAt, leaf };
  await writing.rows.update('consents', change).where('id', '=', id).execute();
  return toConsent(writing, { ...row, ...change }, 'new');
}

/** Uses an answer up. Returns whether there was one: given, unused and not too old. @throws {SealwatchError} `AUDIT_BROKEN` */
export async function useConsent(writing: Writing, id: string, at: string): Promise<boolean> {
  const row = await findRow(writing, id);
  if (row === undefined || row.leaf === null || at >= row.expires_at) return false;
  if ((await toConsent(writing, row)).state !== 'given') return false;
  // The entry ends the other, so that a row that is made to look unused counts no more.
  await writing.append({ type: 'consent-used', at, actor: SEALWATCH, details: { consent: id }, ends: row.leaf });
  await writing.rows.update('consents', { used_at: at }).where('id', '=', id).execute();
  return true;
}

const UNDECIDED = { decision: null, decided_by: null, decided_at: null, leaf: null, used_at: null };

async function findRow({ rows }: Reading, id: string): Promise<ConsentRow | undefined> {
  return rows.select('consents').selectAll().where('id', '=', id).executeTakeFirst();
}

function toRow(asked: ConsentAsked): Omit<ConsentRow, 'tenant' | 'seal' | keyof typeof UNDECIDED> {
  const { id, server, tool, covers, session, subject, binding, parameters } = asked;
  return {
    id,
    server,
    tool,
    version: asked.version ?? null,
    covers,
    session,
    subject,
    person: asked.person ?? null,
    client: asked.client ?? null,
    binding,
    parameters,
    asked_at: asked.askedAt,
    expires_at: asked.expiresAt,
  };
}

/** All that a person is shown, so that nobody who writes to the database has them say yes to something else. */
function sealed(row: ReturnType<typeof toRow>): readonly string[] {
  const { id, server, tool, version, covers, session, subject, person, client, binding, parameters, asked_at } = row;
  const texts = [version, person, client].map((text) => text ?? '');
  return ['consent', id, server, tool, covers, session, subject, binding, parameters, asked_at, ...texts];
}

/** Returns what the log says about a decided question. */
export function claimOfConsent(row: Omit<ConsentRow, 'leaf'>): NewEntry {
  return consentClaim({
    ...row,
    decision: row.decision ?? 'refused',
    decided_by: row.decided_by ?? '',
    decided_at: row.decided_at ?? '',
  });
}

/** `new`: its entry is in the same transaction, and in no log yet. */
async function toConsent({ rows, log }: Reading, row: ConsentRow, age?: 'new'): Promise<Consent> {
  if (log.seal?.(sealed(row)) !== row.seal) throw brokenLog('what a person is asked about a call was edited');
  const isUsed = row.used_at !== null;
  if (row.decision !== null && age === undefined) {
    await log.catchUp(rows);
    await log[isUsed ? 'hold' : 'prove'](rows, row.leaf ?? -1, claimOfConsent(row));
  }
  return {
    id: row.id,
    server: row.server as ServerId,
    tool: row.tool,
    version: row.version ?? undefined,
    covers: row.covers,
    session: row.session,
    subject: row.subject,
    person: row.person ?? undefined,
    client: row.client ?? undefined,
    binding: row.binding,
    parameters: row.parameters,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    state: isUsed ? 'used' : (row.decision ?? 'waiting'),
    decidedBy: row.decided_by ?? undefined,
    decidedAt: row.decided_at ?? undefined,
  };
}
