import { SealwatchError } from '../errors.js';
import type { RequestView } from '../model/alert.js';
import { type Actor, careFor, type ChangeRequest } from '../model/change-request.js';
import { actorOf, hasRole, type Principal } from '../model/principal.js';
import type { Server } from '../model/server.js';
import type { Link } from '../ports.js';
import { settleRequest } from './approve.js';
import { loadView } from './assess.js';
import type { MonitorDeps } from './deps.js';
import { hashSecret, newSecret } from './secret.js';

/** A mail may wait over a long weekend. */
const LINK_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** What a link is good for now. */
export type LinkState =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'used'; readonly request: ChangeRequest }
  | { readonly kind: 'settled'; readonly request: ChangeRequest }
  /** The definition moved since the link was issued; `newer` is what is asked now. */
  | {
      readonly kind: 'stale';
      readonly request: ChangeRequest;
      readonly newer: RequestView | undefined;
      readonly recipient: string;
    }
  | {
      readonly kind: 'open';
      readonly view: RequestView;
      readonly recipient: string;
      readonly needsBrowser: boolean;
      readonly expiresAt: string;
    };

/** Returns the token of a new link for one recipient and exactly this change, with its expiry; only its hash is stored. */
export async function issueLink(
  request: ChangeRequest,
  recipient: string,
  deps: MonitorDeps,
): Promise<{ readonly token: string; readonly expiresAt: string }> {
  const token = newSecret('', deps.random);
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + LINK_LIFETIME_MS).toISOString();
  await deps.store.issueLink({
    hash: hashSecret(token),
    request: request.id,
    digest: request.asked,
    recipient,
    issuedAt: now.toISOString(),
    expiresAt,
  });
  return { token, expiresAt };
}

/** Returns what a link shows. A link is opened by mail scanners too, so this reads and decides nothing. */
export async function openLink(token: string, deps: MonitorDeps): Promise<LinkState> {
  const link = await deps.store.findLink(hashSecret(token));
  if (link === undefined) return { kind: 'unknown' };
  if (isExpired(link, deps)) return { kind: 'expired' };
  const request = await requestOf(link, deps);
  if (link.usedAt !== undefined) return { kind: 'used', request };
  switch (request.state) {
    case 'approved':
    case 'rejected':
      return { kind: 'settled', request };
    case 'superseded':
    case 'withdrawn':
      return { kind: 'stale', request, newer: await newerView(request, deps), recipient: link.recipient };
    case 'open':
      return {
        kind: 'open',
        view: await loadView(request, deps.store),
        recipient: link.recipient,
        needsBrowser: needsBrowser(request, deps),
        expiresAt: link.expiresAt,
      };
  }
}

/**
 * Decides by a link. High and critical changes need the approver's signed-in or enrolled browser as well, which no mail scanner has.
 *
 * @throws {SealwatchError} `NOT_FOUND`, `APPROVAL_REFUSED`, `APPROVAL_STALE`, `APPROVAL_SETTLED`
 */
export async function decideByLink(
  input: {
    readonly token: string;
    /** {@link ChangeRequest.digest} of what the page showed. */
    readonly digest: string;
    readonly decision: 'approve' | 'reject';
    /** Who is signed in, or whose browser it is. */
    readonly principal: Principal | undefined;
    readonly comment: string | undefined;
  },
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<ChangeRequest> {
  const hash = hashSecret(input.token);
  const link = await deps.store.findLink(hash);
  if (link === undefined) throw new SealwatchError('NOT_FOUND', 'no such link');
  const request = await requestOf(link, deps);
  const actor = await decidingActor(link, request, input.principal, deps);
  const { decision, comment } = input;
  return settleRequest(
    {
      request: request.id,
      expectedDigest: input.digest,
      decision,
      actor,
      link: hash,
      ...(comment === undefined ? {} : { comment }),
    },
    servers,
    deps,
  );
}

async function decidingActor(
  link: Link,
  request: ChangeRequest,
  principal: Principal | undefined,
  deps: MonitorDeps,
): Promise<Actor> {
  const issuedTo = `link issued to ${link.recipient}`;
  if (isExpired(link, deps)) return refuse(request, issuedTo, 'this link has expired', deps);
  if (principal !== undefined && hasRole(principal, 'approver', request.server)) return actorOf(principal);
  if (needsBrowser(request, deps)) {
    return refuse(
      request,
      issuedTo,
      `a ${request.urgency} change needs the approver's signed-in or enrolled browser, a link alone is not enough`,
      deps,
    );
  }
  return { kind: 'person', name: issuedTo, how: 'link' };
}

async function refuse(request: ChangeRequest, actor: string, why: string, deps: MonitorDeps): Promise<never> {
  const at = deps.clock.now().toISOString();
  await deps.store.recordRefusal({ request: request.id, code: 'APPROVAL_REFUSED', actor, at });
  throw new SealwatchError('APPROVAL_REFUSED', why);
}

/** Where two persons are asked for, a link does not say well enough who one of them is. */
function needsBrowser(request: ChangeRequest, { policy }: MonitorDeps): boolean {
  const care = careFor(request);
  return care === 'high' || care === 'critical' || policy.twoPersons.includes(care);
}

function isExpired(link: Link, deps: MonitorDeps): boolean {
  return deps.clock.now().toISOString() >= link.expiresAt;
}

async function requestOf(link: Link, deps: MonitorDeps): Promise<ChangeRequest> {
  const request = await deps.store.getRequest(link.request);
  if (request === undefined)
    throw new SealwatchError('STORE_CORRUPT', `a link names request ${link.request}, which is not there`);
  return request;
}

async function newerView(request: ChangeRequest, deps: MonitorDeps): Promise<RequestView | undefined> {
  const [newer] = await deps.store.listRequests({ states: ['open'], server: request.server });
  return newer === undefined ? undefined : loadView(newer, deps.store);
}
