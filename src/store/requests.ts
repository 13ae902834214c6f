import { SealwatchError } from '../errors.js';
import type { RequestedChange } from '../model/change-request.js';
import type { RefText } from '../model/definition.js';
import type { VersionId } from '../model/fingerprint.js';
import type { ServerId } from '../model/server-id.js';
import type { Store } from '../ports.js';
import { requestClaim } from './claims.js';
import { nextId } from './next-id.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import type { RequestRow } from './tables.js';
import { digestOfTexts, digestOfTold, toldBy } from './tellings.js';
import type { Writing } from './transactions.js';

/** Opens a request. Returns its number. The texts of its versions are stored before. */
export async function openRequest(
  writing: Writing,
  requested: RequestedChange,
  where: { readonly server: ServerId; readonly vantage: string; readonly at: string },
): Promise<number> {
  const { rows } = writing;
  const id = await nextId(rows, 'requests');
  const { asked, provenance } = requested;
  const { server, vantage, at } = where;
  const told = toldBy(requested);
  const target = JSON.stringify([...requested.target]);
  const row = {
    id,
    server,
    vantage,
    digest: asked,
    provenance,
    target,
    opened_at: at,
    review: JSON.stringify(requested.review),
    texts_digest: await digestOfTexts(rows, { body: told.body, target }),
    told_digest: digestOfTold(told),
  };
  const leaf = await writing.append(requestClaim(row));
  await rows.insert('requests', { ...row, ...told, ...AS_OPENED, leaf }).execute();
  return id;
}

const AS_OPENED = {
  state: 'open',
  flapping: 0,
  settled_at: null,
  settled_by: null,
  comment: null,
  superseded_by: null,
  told_at: null,
  told_leaf: null,
};

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

/** Requires that there is a request of that number. @throws {SealwatchError} `NOT_FOUND` */
export async function expectRequest(rows: Scope, id: number): Promise<void> {
  const row = await rows.select('requests').select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new SealwatchError('NOT_FOUND', `there is no request ${id}`);
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
  filter: Parameters<Store['listRequests']>[0],
): Promise<readonly RequestRow[]> {
  const { states, server, openedSince, newest } = filter;
  let requests = rows.select('requests').selectAll();
  if (states !== undefined) requests = requests.where('state', 'in', states);
  if (server !== undefined) requests = requests.where('server', '=', server);
  if (openedSince !== undefined) requests = requests.where('opened_at', '>=', openedSince);
  if (newest === undefined) return requests.orderBy('id').execute();
  return (await requests.orderBy('id', 'desc').limit(newest).execute()).reverse();
}

/** Returns what a request asks for. */
export function targetOf(row: RequestRow): ReadonlyMap<RefText, VersionId | null> {
  return new Map(readJson<readonly (readonly [RefText, VersionId | null])[]>(row.target));
}

/** Returns the references that a request wants to be looked at again. */
export function reviewOf(row: RequestRow): readonly RefText[] {
  return readJson<readonly RefText[]>(row.review);
}
