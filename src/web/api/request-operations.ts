import type { Context } from 'hono';

import type { Comment } from '../../model/change-request.js';
import type { Principal } from '../../model/principal.js';
import { commentAs, decideAs, decideSeveral, type ItemOutcome, waiveAs } from '../../monitor/decide.js';
import { openRequest, type RequestPage } from '../../monitor/inbox.js';
import { requestsBefore } from '../../monitor/requests-before.js';
import { requestJson } from '../../render/request-json.js';
import { requestLines } from '../../render/request-lines.js';
import { bearerOf } from '../authenticate.js';
import type { Site } from '../site.js';
import { defineOperation, type Operation } from './operation.js';
import { COMMENT_BODY, DECISION_BODY, DECISIONS_BODY, ID_PARAMS, LIST_QUERY, WAIVER_BODY } from './request-inputs.js';
import { COMMENT_LIST, OUTCOME_LIST, REQUEST, REQUEST_DETAIL, REQUEST_LIST, WAIVED } from './request-schemas.js';
import { visibleServer } from './visible-server.js';

/** Characters of a line of the rendered difference, as on the page. */
const LINE_WIDTH = 100;

const VIEWER = 'viewer of the server; what you may not see is as if it were not there';
const APPROVER = 'approver of the server';

const listRequests = defineOperation({
  path: '/requests',
  id: 'listRequests',
  tag: 'Requests',
  summary: 'List change requests, newest first',
  role: 'viewer; requests of servers that you may not see are left out',
  refusals: [],
  query: LIST_QUERY,
  response: REQUEST_LIST,
  handle: async ({ query }, { principal, site }) => {
    const { state, server, cursor, limit } = query;
    const id = server === undefined ? undefined : await visibleServer(principal, server, site);
    if (server !== undefined && id === undefined) return { requests: [], cursor: null };
    const slice = await requestsBefore(principal, { states: state, server: id, before: cursor, limit }, site.deps);
    return { requests: slice.requests.map(requestJson), cursor: slice.before?.toString() ?? null };
  },
});

const getRequest = defineOperation({
  path: '/requests/{id}',
  id: 'getRequest',
  tag: 'Requests',
  summary: 'Read a change request with its difference, findings and texts',
  description: 'Counts as having looked at exactly this change, which deciding several at once asks for.',
  role: VIEWER,
  refusals: [404],
  params: ID_PARAMS,
  response: REQUEST_DETAIL,
  handle: async ({ params }, { principal, site, context }) =>
    detailJson(await openRequest(principal, params.id, site.deps, { note: isRead(context) })),
});

const decide = defineOperation({
  path: '/requests/{id}/decision',
  id: 'decideRequest',
  tag: 'Requests',
  summary: 'Approve or reject a change request',
  description: 'Where two persons are needed, the request stays open after the first, with an endorsement.',
  role: APPROVER,
  refusals: [403, 404, 409, 413, 415],
  params: ID_PARAMS,
  body: DECISION_BODY,
  response: REQUEST,
  handle: async ({ params, body }, { principal, site }) =>
    requestJson(await decideAs(principal, { request: params.id, ...body }, site.servers, site.deps)),
});

const decideMany = defineOperation({
  path: '/decisions',
  id: 'decideRequests',
  tag: 'Requests',
  summary: 'Approve or reject several change requests',
  description:
    'Each for itself: one that is refused keeps none of the others back. What is of high or critical urgency has to have been read before by the one who decides.',
  role: `${APPROVER}, for each of them`,
  refusals: [413, 415],
  body: DECISIONS_BODY,
  response: OUTCOME_LIST,
  handle: async ({ body }, { principal, site }) => {
    const outcomes = await decideSeveral(principal, { ...body, comment: body.comment }, site.servers, site.deps);
    return { outcomes: outcomes.map(outcomeJson) };
  },
});

const waive = defineOperation({
  path: '/requests/{id}/waivers',
  id: 'waiveFinding',
  tag: 'Requests',
  summary: 'Declare a finding a false positive, until a date',
  role: APPROVER,
  refusals: [403, 404, 409, 413, 415],
  params: ID_PARAMS,
  body: WAIVER_BODY,
  response: WAIVED,
  handle: async ({ params, body }, { principal, site }) => {
    const { ref, ...waiver } = body;
    const open = await waiveAs(principal, { request: params.id, refText: ref, ...waiver }, site.servers, site.deps);
    return { open: open === undefined ? null : requestJson(open) };
  },
});

const addComment = defineOperation({
  path: '/requests/{id}/comments',
  id: 'addComment',
  tag: 'Requests',
  summary: 'Comment on a change request',
  role: APPROVER,
  refusals: [403, 404, 413, 415],
  params: ID_PARAMS,
  body: COMMENT_BODY,
  response: COMMENT_LIST,
  handle: async ({ params, body }, { principal, site }) => {
    await commentAs(principal, { request: params.id, text: body.text }, site.deps);
    return commentsJson(principal, params.id, site);
  },
});

const listComments = defineOperation({
  path: '/requests/{id}/comments',
  id: 'listComments',
  tag: 'Requests',
  summary: 'List the comments on a change request, oldest first',
  role: VIEWER,
  refusals: [404],
  params: ID_PARAMS,
  response: COMMENT_LIST,
  handle: async ({ params }, { principal, site }) => commentsJson(principal, params.id, site),
});

export const REQUEST_OPERATIONS: readonly Operation[] = [
  listRequests,
  getRequest,
  decide,
  decideMany,
  waive,
  addComment,
  listComments,
];

/**
 * Whether the answer gets to somebody. A token is only sent on purpose. Attack: a page on a neighbouring host that has the browser
 * fetch this with its cookie, so that a critical change counts as read (Fetch metadata, section 2.1; `Sec-Purpose` for prefetching).
 */
function isRead(context: Context): boolean {
  const { req } = context;
  if (req.method === 'HEAD') return false;
  if (bearerOf(context) !== undefined) return true;
  const fetchSite = req.header('sec-fetch-site');
  const isOwn = fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'none';
  return isOwn && req.header('sec-purpose') === undefined;
}

async function commentsJson(principal: Principal, id: number, { deps }: Pick<Site, 'deps'>) {
  const { comments } = await openRequest(principal, id, deps, { note: false });
  return { comments: comments.map(commentJson) };
}

function commentJson({ by, at, text }: Comment) {
  return { by, at, text };
}

function detailJson({ view, comments, newer, replaces, ...rest }: RequestPage) {
  return {
    request: requestJson(view.request),
    lines: requestLines(view, { width: LINE_WIDTH }),
    contents: Object.fromEntries(view.contents),
    comments: comments.map(commentJson),
    newer: newer?.id ?? null,
    replaces: replaces.map(({ id }) => id),
    personsNeeded: rest.personsNeeded,
    mayDecide: rest.mayDecide,
    mayComment: rest.mayComment,
    mayWaive: rest.mayWaive,
    isEndorsedByReader: rest.isEndorsedByReader,
  };
}

function outcomeJson({ request, outcome }: ItemOutcome) {
  return 'code' in outcome
    ? { request, settled: null, error: { code: outcome.code, message: outcome.message } }
    : { request, settled: requestJson(outcome), error: null };
}
