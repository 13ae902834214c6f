import { createHash } from 'node:crypto';

import { SealwatchError } from '../errors.js';
import { actorText } from '../model/change-request.js';
import type { Consent, ConsentAsked } from '../model/consent.js';
import { actorOf, hasRole, type Principal } from '../model/principal.js';
import type { MonitorDeps } from './deps.js';

type ConsentDeps = Pick<MonitorDeps, 'store' | 'clock' | 'random'>;

/** Long enough to walk to a browser, short enough that a forgotten question is worth nothing. So long an answer counts, too. */
const LIFETIME_MS = 10 * 60_000;

/** Questions of one caller at one server that wait: more is no work that a person follows, and wears people out. */
const MOST_WAITING = 20;

const ID_BYTES = 24;

/** What is asked, before it has an id and a time. */
export type ConsentQuestion = Omit<ConsentAsked, 'id' | 'binding' | 'askedAt' | 'expiresAt'>;

/**
 * Asks a person whether a tool may be called. Returns the question, which is the earlier one where the same was asked within ten minutes,
 * with its answer; `undefined` where too many of the caller wait.
 *
 * @param exact the canonical form of the whole call where the answer covers that alone
 */
export async function askConsent(
  question: ConsentQuestion,
  exact: string,
  { store, clock, random }: ConsentDeps,
): Promise<Consent | undefined> {
  const { server, tool, version, covers, session, subject } = question;
  const bound = [server, tool, version ?? '', covers, session, subject, covers === 'call' ? exact : ''];
  const now = clock.now();
  const asked = {
    ...question,
    id: Buffer.from(random.bytes(ID_BYTES)).toString('base64url'),
    binding: createHash('sha256').update(JSON.stringify(bound)).digest('hex'),
    askedAt: now.toISOString(),
    expiresAt: later(now),
  };
  return await store.askConsent(asked, { mostWaiting: MOST_WAITING });
}

/**
 * Returns a question for somebody who may answer it: whoever it is that calls, or an approver of the server.
 *
 * @throws {SealwatchError} `NOT_FOUND`, also for everybody else; `AUDIT_BROKEN`
 */
export async function openConsent(principal: Principal, id: string, { store }: ConsentDeps): Promise<Consent> {
  const consent = await store.findConsent(id);
  if (consent === undefined || !mayAnswer(principal, consent))
    throw new SealwatchError('NOT_FOUND', 'no such question');
  return consent;
}

/**
 * Answers a question for somebody who may.
 *
 * @throws {SealwatchError} `NOT_FOUND`, `APPROVAL_SETTLED` (somebody answered), `APPROVAL_STALE` (it expired), `STORE_…`
 */
export async function answerConsent(
  principal: Principal,
  { id, decision }: { readonly id: string; readonly decision: 'given' | 'refused' },
  deps: ConsentDeps,
): Promise<Consent> {
  await openConsent(principal, id, deps);
  const now = deps.clock.now();
  const actor = actorText(actorOf(principal));
  return await deps.store.decideConsent({ id, decision, actor, at: now.toISOString(), expiresAt: later(now) });
}

/** An agent may hold a token for the API; what it calls is not for it to allow. */
function mayAnswer(principal: Principal, { person, server }: Consent): boolean {
  if (principal.how === 'api-token') return false;
  return principal.id === person || hasRole(principal, 'approver', server);
}

function later(now: Date): string {
  return new Date(now.getTime() + LIFETIME_MS).toISOString();
}
