import { SealwatchError } from '../errors.js';
import type { DeliveryRecord } from '../model/alert.js';
import { actorOf, hasRoleEverywhere, type Principal } from '../model/principal.js';
import type { MonitorDeps } from './deps.js';

/**
 * Returns alerts on their way, given up, or sent, newest first.
 *
 * @throws {SealwatchError} `FORBIDDEN` for whoever may not see every server; `STORE_…`
 */
export async function listDeliveries(
  principal: Principal,
  filter: { readonly states?: readonly DeliveryRecord['state'][]; readonly limit: number },
  deps: Pick<MonitorDeps, 'store'>,
): Promise<readonly DeliveryRecord[]> {
  if (!hasRoleEverywhere(principal, 'viewer')) {
    throw new SealwatchError('FORBIDDEN', 'deliveries are for those who may see every server');
  }
  return deps.store.listDeliveries(filter);
}

/** Returns whether somebody may put a dead delivery on its way again. */
export function mayRetry(principal: Principal): boolean {
  return hasRoleEverywhere(principal, 'admin');
}

/**
 * Puts a dead delivery on its way again.
 *
 * @throws {SealwatchError} `FORBIDDEN` for whoever is no admin; `NOT_FOUND` where no dead one has this number; `STORE_…`
 */
export async function retryDelivery(
  principal: Principal,
  id: number,
  deps: Pick<MonitorDeps, 'store' | 'clock'>,
): Promise<void> {
  if (!mayRetry(principal)) throw new SealwatchError('FORBIDDEN', 'only an admin of every server sends alerts again');
  await deps.store.retryDelivery(id, actorOf(principal), deps.clock.now().toISOString());
}
