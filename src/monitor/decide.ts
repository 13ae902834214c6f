import { codeOf, type ErrorCode, messageOf, SealwatchError } from '../errors.js';
import { actorText, type ChangeRequest } from '../model/change-request.js';
import type { RefText } from '../model/definition.js';
import { actorOf, hasRole, type Principal } from '../model/principal.js';
import type { Server } from '../model/server.js';
import { quote } from '../quote.js';
import { addWaiver, settleRequest } from './approve.js';
import type { MonitorDeps } from './deps.js';
import { mayDecideUnopened, visibleRequest } from './inbox.js';

/** A false positive is looked at again after a year at the latest. */
const MAX_WAIVER_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1000;
/** What is written about a change is read by others in the log. */
const MAX_TEXT_CHARACTERS = 2_000;

/** What somebody decides about one request. */
export interface DecisionInput {
  readonly request: number;
  /** {@link ChangeRequest.digest} of what the person saw. */
  readonly digest: string;
  readonly decision: 'approve' | 'reject';
  readonly comment?: string | undefined;
  /** Approves only these; the rest is asked for anew. */
  readonly only?: readonly RefText[] | undefined;
}

/** What became of one of several. */
export interface ItemOutcome {
  readonly request: number;
  readonly outcome: ChangeRequest | { readonly code: ErrorCode; readonly message: string };
}

/**
 * Settles a request for somebody who is known. Where two persons are needed it stays open after the first, endorsed.
 *
 * @throws {SealwatchError} `NOT_FOUND` (also for what the person may not see), `FORBIDDEN`, `APPROVAL_STALE`, `APPROVAL_SETTLED`,
 *   `APPROVAL_SAME_PERSON`, `APPROVAL_REFUSED`, `STORE_…`
 */
export async function decideAs(
  principal: Principal,
  input: DecisionInput,
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<ChangeRequest> {
  const { request, digest, decision, comment, only } = input;
  await expectApprover(principal, request, deps);
  return settleRequest(
    {
      request,
      expectedDigest: digest,
      decision,
      actor: actorOf(principal),
      ...(comment === undefined ? {} : { comment: expectText(comment, 'a comment') }),
      ...(only === undefined ? {} : { only }),
    },
    servers,
    deps,
  );
}

/**
 * Settles several requests, each for itself: one that fails keeps none of the others back. What nobody looked at is decided in bulk
 * only where it is of low urgency; the other is refused with `APPROVAL_REFUSED`.
 */
export async function decideSeveral(
  principal: Principal,
  input: {
    readonly items: readonly { readonly request: number; readonly digest: string }[];
    readonly decision: 'approve' | 'reject';
    readonly comment?: string | undefined;
  },
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<readonly ItemOutcome[]> {
  const { items, decision, comment } = input;
  const outcomes: ItemOutcome[] = [];
  for (const { request, digest } of withoutRepetition(items)) {
    try {
      await expectApprover(principal, request, deps);
      await expectOpened(principal, { request, digest }, deps);
      const outcome = await decideAs(principal, { request, digest, decision, comment }, servers, deps);
      outcomes.push({ request, outcome });
    } catch (error) {
      outcomes.push({ request, outcome: failureOf(error, request, deps) });
    }
  }
  return outcomes;
}

/**
 * Records that one rule's finding in a request is a false positive, until it expires. Returns what is asked then: a request that was
 * about a blocked definition is replaced by one that can be approved.
 *
 * @throws {SealwatchError} `NOT_FOUND`, `FORBIDDEN`, `APPROVAL_STALE` for a request that is not open, `APPROVAL_REFUSED` for an
 *   empty reason or an expiry that is past or further than a year away, `STORE_…`
 */
export async function waiveAs(
  principal: Principal,
  input: {
    readonly request: number;
    readonly refText: RefText;
    readonly rule: string;
    readonly reason: string;
    /** ISO 8601. */
    readonly expiresAt: string;
  },
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<ChangeRequest | undefined> {
  const { refText, rule, expiresAt } = input;
  const request = await expectApprover(principal, input.request, deps);
  if (request.state !== 'open')
    throw new SealwatchError('APPROVAL_STALE', `request ${request.id} is not open any more`);
  const finding = request.findings.find((one) => one.refText === refText && one.rule === rule);
  if (finding === undefined) {
    throw new SealwatchError('NOT_FOUND', `rule ${quote(rule, 60)} found nothing there in request ${request.id}`);
  }
  const reason = expectText(input.reason, 'a reason');
  expectExpiry(expiresAt, deps);
  const { version } = finding;
  await addWaiver({ rule, refText, version, reason, expiresAt, actor: actorOf(principal) }, servers, deps);
  const [open] = await deps.store.listRequests({ states: ['open'], server: request.server });
  return open;
}

/**
 * Keeps a remark on a request, whatever state it is in.
 *
 * @throws {SealwatchError} `NOT_FOUND`, `FORBIDDEN`, `APPROVAL_REFUSED` for an empty text or one that is too long, `STORE_…`
 */
export async function commentAs(
  principal: Principal,
  input: { readonly request: number; readonly text: string },
  deps: MonitorDeps,
): Promise<void> {
  const { id } = await expectApprover(principal, input.request, deps);
  const text = expectText(input.text, 'a comment');
  await deps.store.addComment({ request: id, actor: actorOf(principal), at: deps.clock.now().toISOString(), text });
}

/** Somebody who may only look and tries to decide is worth an entry in the log. */
async function expectApprover(principal: Principal, id: number, deps: MonitorDeps): Promise<ChangeRequest> {
  const request = await visibleRequest(principal, id, deps);
  if (hasRole(principal, 'approver', request.server)) return request;
  const actor = actorText(actorOf(principal));
  await deps.store.recordRefusal({ request: id, code: 'FORBIDDEN', actor, at: deps.clock.now().toISOString() });
  throw new SealwatchError('FORBIDDEN', `${principal.name} is no approver of ${request.server}`);
}

/** Attack: a critical change among twenty harmless ones, approved with all of them at once by somebody who never read it. */
async function expectOpened(
  principal: Principal,
  { request, digest }: { readonly request: number; readonly digest: string },
  deps: MonitorDeps,
): Promise<void> {
  const stored = await visibleRequest(principal, request, deps);
  if (mayDecideUnopened(stored)) return;
  const opened = await deps.store.findOpened(principal.id, [request]);
  if (opened.has(digest)) return;
  const actor = actorText(actorOf(principal));
  const at = deps.clock.now().toISOString();
  await deps.store.recordRefusal({ request, code: 'APPROVAL_REFUSED', actor, at });
  throw new SealwatchError(
    'APPROVAL_REFUSED',
    `${principal.name} did not open request ${request}, and ${stored.review.length === 0 ? `a ${stored.urgency} change` : 'a review'} is not decided unread`,
  );
}

function withoutRepetition<Item extends { readonly request: number }>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [item.request, item])).values()];
}

/** What is no error of ours may quote anything: its message is for the log only. */
function failureOf(
  error: unknown,
  request: number,
  { logger }: Pick<MonitorDeps, 'logger'>,
): { readonly code: ErrorCode; readonly message: string } {
  const code = codeOf(error);
  if (code !== 'INTERNAL') return { code, message: messageOf(error) };
  logger.error(`deciding request ${request}: ${code}: ${quote(messageOf(error))}`);
  return { code, message: 'it failed inside Sealwatch; the log of the service says more' };
}

function expectText(text: string, what: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new SealwatchError('APPROVAL_REFUSED', `${what} must say something`);
  if (trimmed.length > MAX_TEXT_CHARACTERS) {
    throw new SealwatchError('APPROVAL_REFUSED', `${what} holds at most ${MAX_TEXT_CHARACTERS} characters`);
  }
  return trimmed;
}

function expectExpiry(expiresAt: string, { clock }: Pick<MonitorDeps, 'clock'>): void {
  const inMs = Date.parse(expiresAt) - clock.now().getTime();
  // A date that cannot be read is NaN, and every comparison with it is false.
  if (inMs > 0 && inMs <= MAX_WAIVER_DAYS * DAY_MS) return;
  throw new SealwatchError(
    'APPROVAL_REFUSED',
    `a waiver ends in the future and within a year, not at ${quote(expiresAt, 40)}`,
  );
}
