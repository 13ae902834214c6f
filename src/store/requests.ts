import type { ChangeRequest, RequestState, RequestedChange } from '../model/change-request.js';
import type { RefText } from '../model/definition.js';
import type { ClassifiedChange, Urgency } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import type { VersionId } from '../model/fingerprint.js';
import { parseServerId, type ServerId } from '../model/server-id.js';
import { requestClaim } from './claims.js';
import { nextId } from './next-id.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import type { RequestRow } from './tables.js';
import type { Writing } from './transactions.js';

/** Opens a request. Returns its number. */
export async function openRequest(
  writing: Writing,
  requested: RequestedChange,
  where: { readonly server: ServerId; readonly vantage: string; readonly at: string },
): Promise<number> {
  const id = await nextId(writing.rows, 'requests');
  const { digest, provenance } = requested;
  const { server, vantage, at } = where;
  const target = JSON.stringify([...requested.target]);
  const row = { id, server, vantage, digest, provenance, target, opened_at: at };
  const leaf = await writing.append(requestClaim(row));
  await writing.rows
    .insert('requests', {
      ...row,
      ...tellAnew(requested),
      state: 'open',
      flapping: 0,
      settled_at: null,
      settled_by: null,
      comment: null,
      superseded_by: null,
      leaf,
    })
    .execute();
  return id;
}

/** Returns the columns that may be told anew while a request asks for the same: what is found and how urgent it is. */
export function tellAnew({ urgency, changes, findings }: RequestedChange): Pick<RequestRow, 'urgency' | 'body'> {
  return { urgency, body: JSON.stringify({ changes, findings }) };
}

/** Changes a request. */
export async function updateRequest(
  rows: Scope,
  id: number,
  values: Partial<Omit<RequestRow, 'tenant'>>,
): Promise<void> {
  await rows.update('requests', values).where('id', '=', id).execute();
}

/** Returns a request by its number. */
export async function findRequestRow(rows: Scope, id: number): Promise<RequestRow | undefined> {
  return rows.select('requests').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Returns the open request of a server: there is at most one. */
export async function findOpenRequest(rows: Scope, server: string, vantage: string): Promise<RequestRow | undefined> {
  return rows
    .select('requests')
    .selectAll()
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .where('state', '=', 'open')
    .executeTakeFirst();
}

/** Returns the newest request of a server, whatever became of it. */
export async function findNewestRequest(
  rows: Scope,
  server: string,
  vantage: string,
  digest?: string,
): Promise<RequestRow | undefined> {
  const requests = rows.select('requests').selectAll().where('server', '=', server).where('vantage', '=', vantage);
  const chosen = digest === undefined ? requests : requests.where('digest', '=', digest);
  return chosen.orderBy('id', 'desc').limit(1).executeTakeFirst();
}

/** Returns requests, oldest first. */
export async function listRequestRows(
  rows: Scope,
  filter: { readonly states?: readonly RequestState[]; readonly server?: ServerId },
): Promise<readonly RequestRow[]> {
  let requests = rows.select('requests').selectAll();
  if (filter.states !== undefined) requests = requests.where('state', 'in', filter.states);
  if (filter.server !== undefined) requests = requests.where('server', '=', filter.server);
  return requests.orderBy('id').execute();
}

/** Returns a stored request in the form of the model. */
export function toRequest(row: RequestRow): ChangeRequest {
  const { changes, findings } = readJson<{ changes: readonly ClassifiedChange[]; findings: readonly StoredFinding[] }>(
    row.body,
  );
  return {
    id: row.id,
    server: parseServerId(row.server),
    vantage: row.vantage,
    state: row.state as RequestState,
    digest: row.digest,
    provenance: row.provenance,
    urgency: row.urgency as Urgency,
    target: targetOf(row),
    changes,
    // JSON has no `undefined`: a finding that says nothing about the change has lost the member.
    findings: findings.map((finding) => ({ ...finding, means: finding.means })),
    flapping: row.flapping === 1,
    openedAt: row.opened_at,
    ...(row.settled_at === null ? {} : { settledAt: row.settled_at }),
    ...(row.settled_by === null ? {} : { settledBy: row.settled_by }),
    ...(row.comment === null ? {} : { comment: row.comment }),
    ...(row.superseded_by === null ? {} : { supersededBy: row.superseded_by }),
  };
}

/** Returns what a request asks for. */
export function targetOf(row: RequestRow): ReadonlyMap<RefText, VersionId | null> {
  return new Map(readJson<readonly (readonly [RefText, VersionId | null])[]>(row.target));
}

type StoredFinding = Omit<Finding, 'means'> & { readonly means?: Finding['means'] };
