import type { Store } from '../ports.js';
import { loadComments, saveComment } from './comments.js';
import { loadLink, saveLink } from './links.js';
import { findOpenings, hasOpening, saveOpening } from './openings.js';
import { expectNoneHidden, readRequest, readRequests, readWholeRequest } from './read-requests.js';
import { findNewestRequest, findRequestRow, listRequestRows } from './requests.js';
import { revokeApprovals } from './revoke.js';
import { settleRequest } from './settle.js';
import type { Transactions } from './transactions.js';
import { saveWaiver } from './waivers.js';

/** Returns what the store can do with requests, and with what people decide about them. */
export function requestMethods({
  read,
  write,
}: Transactions): Pick<
  Store,
  | 'listRequests'
  | 'getRequest'
  | 'findRequest'
  | 'noteOpened'
  | 'findOpened'
  | 'addComment'
  | 'listComments'
  | 'settle'
  | 'revoke'
  | 'addWaiver'
  | 'recordRefusal'
  | 'issueLink'
  | 'findLink'
> {
  return {
    listRequests: (filter) =>
      read(async (reading) => {
        const { states, server, openedSince, newest } = filter;
        const stored = await listRequestRows(reading.rows, filter);
        const hasAllOpen = states?.includes('open') === true && openedSince === undefined && newest === undefined;
        if (hasAllOpen) await expectNoneHidden(reading, stored, { server });
        return readRequests(reading, stored);
      }),
    getRequest: (id) => read(async (reading) => readWholeRequest(reading, await findRequestRow(reading.rows, id))),
    findRequest: (server, vantage, digest) =>
      read(async (reading) => readRequest(reading, await findNewestRequest(reading.rows, server, vantage, digest))),

    noteOpened: async (opened) => {
      // A page that is looked at again is the usual case, and takes no write lock.
      if (!(await read(({ rows }) => hasOpening(rows, opened)))) await write(({ rows }) => saveOpening(rows, opened));
    },
    findOpened: (person, requests) => read(({ rows }) => findOpenings(rows, person, requests)),
    addComment: (comment) => write((writing) => saveComment(writing, comment)),
    listComments: (request) => read((reading) => loadComments(reading, request)),

    settle: (settlement) => write((writing) => settleRequest(writing, settlement)),
    revoke: (refTexts, actor, at, comment) =>
      write((writing) => revokeApprovals(writing, refTexts, { actor, at, comment })),
    addWaiver: (waiver, actor, at) => write((writing) => saveWaiver(writing, waiver, actor, at)),
    recordRefusal: ({ request, code, actor, at }) =>
      write(async ({ append }) => {
        await append({ type: 'approval-refused', at, actor, details: { request: request ?? null, code } });
      }),

    issueLink: (link) => write((writing) => saveLink(writing, link)),
    findLink: (hash) => read((reading) => loadLink(reading, hash)),
  };
}
