import type { RequestedChange } from '../model/change-request.js';
import type { VersionId } from '../model/fingerprint.js';
import { brokenLog } from './audit-entry.js';
import { requestClaim, sha256, toldAnewClaim } from './claims.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import type { RequestRow } from './tables.js';
import type { Reading, Writing } from './transactions.js';
import { loadTexts } from './versions.js';

/** What of a request may be told anew while it asks for the same: what is found, and how urgent it is. */
export type Told = Pick<RequestRow, 'urgency' | 'body'>;

/** Returns what a request tells, in the form that is stored. */
export function toldBy({ urgency, changes, findings }: RequestedChange): Told {
  return { urgency, body: JSON.stringify({ changes, findings }) };
}

/** Returns the digest of what a request tells. */
export function digestOfTold({ urgency, body }: Told): string {
  return sha256(JSON.stringify([urgency, sha256(body)]));
}

/**
 * Returns what a decision about a request is bound to (@see ChangeRequest.digest). Messages and advice are not in it: better words
 * for the same finding do not make a reader's decision a stale one.
 */
export function digestOfRequest({ digest, urgency, body }: Pick<RequestRow, 'digest' | 'urgency' | 'body'>): string {
  const { changes, findings } = readJson<Pick<RequestedChange, 'changes' | 'findings'>>(body);
  const told = [
    changes.map((change) => [change.refText, change.class, change.urgency]),
    findings.map(({ rule, refText, version, severity, blocks }) => [rule, refText, version, severity, blocks]),
  ];
  return `sha256:${sha256(JSON.stringify([digest, urgency, ...told.map(inOrder)]))}`;
}

function inOrder(entries: readonly (readonly unknown[])[]): readonly string[] {
  return [...new Set(entries.map((entry) => JSON.stringify(entry)))].sort();
}

/** Returns the digest of the texts of every version that a request names. */
export async function digestOfTexts(rows: Scope, request: Pick<RequestRow, 'body' | 'target'>): Promise<string> {
  const versions = [...new Set(versionsNamed(request))].sort();
  const texts = await loadTexts(rows, versions);
  const digests = versions.map((version) => {
    const text = texts.get(version);
    return [version, text === undefined ? null : sha256(text)];
  });
  return sha256(JSON.stringify(digests));
}

/**
 * Returns the columns with which a request is told anew. An entry is written only where something differs, so that the log does
 * not grow with the polls.
 */
export async function tellAnew(
  writing: Writing,
  row: RequestRow,
  requested: RequestedChange,
  at: string,
): Promise<Partial<Omit<RequestRow, 'tenant'>>> {
  const told = toldBy(requested);
  if (told.urgency === row.urgency && told.body === row.body) return {};
  // The entry ends the one before it: to show again what was told earlier takes an entry that nobody can sign without the key.
  const claim = { ...toldAnewClaim(row.id, at, digestOfTold(told)), ends: row.told_leaf ?? row.leaf };
  return { ...told, told_at: at, told_leaf: await writing.append(claim) };
}

/**
 * Holds a request against the log: what it asks for, what it tells people about it, and what became of it. Catch up before.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN`: whoever edits the row of a request that waits could make a change look harmless.
 */
export async function proveRequest({ rows, log }: Reading, row: RequestRow): Promise<void> {
  await log.hold(rows, row.leaf, requestClaim(row));
  const telling = tellingOf(row);
  if (telling.claim !== undefined) await log.hold(rows, telling.leaf, telling.claim);
  if (!telling.isAsLogged || log.replay.isEnded(telling.leaf)) {
    throw brokenLog(`what request ${row.id} tells is not what the audit log says was told`);
  }
  if (!log.replay.requests.allows(row)) {
    throw brokenLog(`request ${row.id} is ${row.state} in its row, and in the audit log it is not so`);
  }
}

/** Holds the texts of the versions that a request names against the log. @throws {SealwatchError} `AUDIT_BROKEN` */
export async function proveTexts(rows: Scope, row: RequestRow): Promise<void> {
  if (row.texts_digest === null || row.texts_digest === (await digestOfTexts(rows, row))) return;
  throw brokenLog(`the text of a version that request ${row.id} names was edited or is missing`);
}

/** The entry that has to say what a request tells now. */
export interface Telling {
  readonly leaf: number;
  /** What that entry says; `undefined` where it is the one that opened the request. */
  readonly claim: ReturnType<typeof toldAnewClaim> | undefined;
  /** Whether the row tells what it says of itself that it told. */
  readonly isAsLogged: boolean;
}

/** Returns the entry that has to say what a request tells now. */
export function tellingOf(row: RequestRow): Telling {
  const told = digestOfTold(row);
  if (row.told_leaf !== null)
    return { leaf: row.told_leaf, claim: toldAnewClaim(row.id, row.told_at ?? '', told), isAsLogged: true };
  // A request of store version 1 said nothing of what it told.
  const isAsLogged = row.told_digest === null || row.told_digest === told;
  return { leaf: row.leaf, claim: undefined, isAsLogged };
}

function versionsNamed({ body, target }: Pick<RequestRow, 'body' | 'target'>): readonly VersionId[] {
  const { changes } = readJson<Pick<RequestedChange, 'changes'>>(body);
  const asked = readJson<readonly (readonly [string, VersionId | null])[]>(target);
  return [
    ...asked.flatMap(([, version]) => version ?? []),
    ...changes.flatMap(({ before, after }) => [before ?? [], after ?? []].flat()),
  ];
}
