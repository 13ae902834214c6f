import { codeOf } from '../errors.js';
import { parseRef } from '../integrity/definition-ref.js';
import { type Actor, actorText, careFor, type ChangeRequest } from '../model/change-request.js';
import type { RefText } from '../model/definition.js';
import type { Waiver } from '../model/finding.js';
import type { Server } from '../model/server.js';
import type { ServerId } from '../model/server-id.js';
import type { Settlement } from '../ports.js';
import { type MonitorDeps, VANTAGE } from './deps.js';
import { recordSnapshot } from './record-snapshot.js';

/**
 * Settles a request if it is still what the person saw, and evaluates the server again, so that the hold is lifted at once.
 * A refusal is written to the audit log.
 *
 * @throws {SealwatchError} `APPROVAL_STALE`, `APPROVAL_SETTLED`, `NOT_FOUND`, `STORE_…`
 */
export async function settleRequest(
  settlement: Omit<Settlement, 'at' | 'persons'>,
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<ChangeRequest> {
  const at = deps.clock.now().toISOString();
  try {
    const persons = await personsFor(settlement, deps);
    const { decision, actor } = settlement;
    const settled = await deps.telemetry.span('decide', { 'sealwatch.decision': decision }, () =>
      deps.store.settle({ ...settlement, at, persons }),
    );
    deps.telemetry.decided({ decision, how: actor.kind === 'policy' ? 'policy' : actor.how });
    await reassess(settled.server, servers, deps);
    return settled;
  } catch (error) {
    await recordRefusal(error, settlement, deps);
    throw error;
  }
}

/**
 * Ends approvals: the definitions are on hold from now on, and asked for anew.
 *
 * @throws {SealwatchError} `NOT_FOUND` where none is in force, `STORE_…`
 */
export async function revokeApprovals(
  refTexts: readonly RefText[],
  why: { readonly actor: Actor; readonly comment: string },
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<void> {
  await deps.store.revoke(refTexts, why.actor, deps.clock.now().toISOString(), why.comment);
  for (const server of new Set(refTexts.map((refText) => parseRef(refText).server)))
    await reassess(server, servers, deps);
}

/**
 * Records that one rule's finding on one version is a false positive, until it expires.
 *
 * @throws {SealwatchError} `STORE_…`
 */
export async function addWaiver(
  waiver: Omit<Waiver, 'by'> & { readonly actor: Actor },
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<void> {
  const { actor, ...rest } = waiver;
  await deps.store.addWaiver({ ...rest, by: actorText(actor) }, actor, deps.clock.now().toISOString());
  await reassess(parseRef(waiver.refText).server, servers, deps);
}

/** The urgency is that of the stored request: a caller cannot make it smaller. */
async function personsFor({ request }: Pick<Settlement, 'request'>, { store, policy }: MonitorDeps): Promise<1 | 2> {
  const stored = await store.getRequest(request);
  return stored !== undefined && policy.twoPersons.includes(careFor(stored)) ? 2 : 1;
}

/** Evaluates the newest snapshot against what is approved now: a decision takes effect without waiting for the next poll. */
async function reassess(id: ServerId, servers: readonly Server[], deps: MonitorDeps): Promise<void> {
  const snapshot = await deps.store.loadSnapshot(id, VANTAGE);
  const server = servers.find((one) => one.id === id);
  // A server that left the configuration is not inspected any more; its approvals end or stay as decided.
  if (snapshot === undefined || server === undefined) return;
  await recordSnapshot(server, snapshot, { kind: 'decision', fresh: [], durationMs: 0, remarks: [] }, deps);
}

async function recordRefusal(
  error: unknown,
  settlement: Omit<Settlement, 'at' | 'persons'>,
  deps: MonitorDeps,
): Promise<void> {
  const code = codeOf(error);
  if (!code.startsWith('APPROVAL_')) return;
  const at = deps.clock.now().toISOString();
  await deps.store.recordRefusal({ request: settlement.request, code, actor: actorText(settlement.actor), at });
}
