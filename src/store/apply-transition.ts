import { SealwatchError } from '../errors.js';
import type { RequestedChange } from '../model/change-request.js';
import type { Checked, Transition } from '../model/inspection.js';
import { SEALWATCH } from './claims.js';
import { findOpenRequest, findRequestRow, openRequest, updateRequest } from './requests.js';
import type { RequestRow } from './tables.js';
import { tellAnew } from './tellings.js';
import type { Writing } from './transactions.js';

/**
 * Lets a server's request open, stay, give way, go back or return. Returns the number of the one that is open afterwards.
 *
 * @throws {SealwatchError} `STORE_CONFLICT` where another inspection was recorded meanwhile and the transition is from a state
 * that is gone: two open requests for one server would let one be approved while the other is shown.
 */
export async function applyTransition(
  writing: Writing,
  transition: Transition,
  checked: Checked,
): Promise<number | undefined> {
  const { server, vantage, at } = checked;
  const open = await findOpenRequest(writing.rows, server, vantage);
  switch (transition.kind) {
    case 'none':
      expectOpen(open, undefined);
      return undefined;
    case 'open':
      expectOpen(open, undefined);
      return openRequest(writing, requestedBy(checked), checked);
    case 'keep': {
      const kept = expectOpen(open, transition.request);
      await update(writing, kept, await tellAnew(writing, kept, requestedBy(checked), at));
      return transition.request;
    }
    case 'withdraw':
      await withdraw(writing, expectOpen(open, transition.request), at);
      return undefined;
    case 'supersede': {
      const old = expectOpen(open, transition.request);
      const id = await openRequest(writing, requestedBy(checked), checked);
      await supersede(writing, old, id, at);
      return id;
    }
    case 'reopen': {
      const old = expectOpen(open, transition.supersedes);
      await reopen(writing, transition.request, checked);
      if (old !== undefined) await supersede(writing, old, transition.request, at);
      return transition.request;
    }
  }
}

function expectOpen(open: RequestRow | undefined, expected: number): RequestRow;
function expectOpen(open: RequestRow | undefined, expected: number | undefined): RequestRow | undefined;
function expectOpen(open: RequestRow | undefined, expected: number | undefined): RequestRow | undefined {
  if (open?.id === expected) return open;
  const now = open === undefined ? 'no request is open' : `request ${open.id} is open`;
  throw new SealwatchError('STORE_CONFLICT', `another inspection was recorded meanwhile: ${now}`);
}

async function withdraw(writing: Writing, old: RequestRow, at: string): Promise<void> {
  await updateRequest(writing.rows, old.id, { state: 'withdrawn' });
  // A surface that alternates must not make the log grow with every turn.
  if (old.flapping === 1) return;
  await writing.append({ type: 'request-withdrawn', at, actor: SEALWATCH, details: { request: old.id } });
}

async function supersede(writing: Writing, old: RequestRow, by: number, at: string): Promise<void> {
  await updateRequest(writing.rows, old.id, { state: 'superseded', superseded_by: by });
  if (old.flapping === 1) return;
  await writing.append({ type: 'request-superseded', at, actor: SEALWATCH, details: { request: old.id, by } });
}

async function reopen(writing: Writing, id: number, checked: Checked): Promise<void> {
  const row = await findRequestRow(writing.rows, id);
  const requested = requestedBy(checked);
  const isPast = row?.state === 'withdrawn' || row?.state === 'superseded';
  if (row === undefined || !isPast || row.digest !== requested.asked) {
    throw new SealwatchError(
      'STORE_CONFLICT',
      `request ${id} cannot be opened again: it is ${row?.state ?? 'unknown'}`,
    );
  }
  await updateRequest(writing.rows, id, {
    state: 'open',
    flapping: 1,
    settled_at: null,
    settled_by: null,
    comment: null,
    superseded_by: null,
    ...(await tellAnew(writing, row, requested, checked.at)),
  });
  if (row.flapping === 1) return;
  await writing.append({ type: 'request-reopened', at: checked.at, actor: SEALWATCH, details: { request: id } });
}

async function update(
  { rows }: Writing,
  { id }: RequestRow,
  values: Partial<Omit<RequestRow, 'tenant'>>,
): Promise<void> {
  if (Object.keys(values).length > 0) await updateRequest(rows, id, values);
}

function requestedBy({ requested, server }: Checked): RequestedChange {
  if (requested === undefined) throw new SealwatchError('STORE_FAILED', `${server}: a request without a change`);
  return requested;
}
