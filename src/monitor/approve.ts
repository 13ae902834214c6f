import { codeOf } from '../errors.js';
import { parseRef } from '../integrity/definition-ref.js';
import { type Actor, actorText, type ChangeRequest } from '../model/change-request.js';
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
  settlement: Omit<Settlement, 'at'>,
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<ChangeRequest> {
  const at = deps.clock.now().toISOString();
  try {
    const settled = await deps.store.settle({ ...settlement, at });
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

/** Evaluates the newest snapshot against what is approved now: a decision takes effect without waiting for the next poll. */
async function reassess(id: ServerId, servers: readonly Server[], deps: MonitorDeps): Promise<void> {
  const snapshot = await deps.store.loadSnapshot(id, VANTAGE);
  const server = servers.find((one) => one.id === id);
  // A server that left the configuration is not inspected any more; its approvals end or stay as decided.
  if (snapshot === undefined || server === undefined) return;
  await recordSnapshot(server, snapshot, { kind: 'decision', fresh: [], durationMs: 0, remarks: [] }, deps);
}

async function recordRefusal(error: unknown, settlement: Omit<Settlement, 'at'>, deps: MonitorDeps): Promise<void> {
  const code = codeOf(error);
  if (!code.startsWith('APPROVAL_')) return;
  const at = deps.clock.now().toISOString();
  await deps.store.recordRefusal({ request: settlement.request, code, actor: actorText(settlement.actor), at });
}
