import type { ChangeRequest, RequestedChange } from '../model/change-request.js';
import type { Transition } from '../model/inspection.js';

/**
 * Returns what happens to a server's change request, from the one that is open, what is to be asked now, and the newest one
 * that asked for exactly the same before (`same`).
 */
export function nextTransition(input: {
  readonly open: ChangeRequest | undefined;
  readonly requested: RequestedChange | undefined;
  readonly same: ChangeRequest | undefined;
}): Transition {
  const { open, requested, same } = input;
  const withdrawn: Transition = open === undefined ? { kind: 'none' } : { kind: 'withdraw', request: open.id };
  if (requested === undefined) return withdrawn;
  if (open?.asked === requested.asked) return { kind: 'keep', request: open.id };
  // Somebody said no to exactly this: it stays held, and asking again would wear that person out.
  if (same?.state === 'rejected') return withdrawn;
  // It alternates: the same request again, instead of a new one and a new alert at every turn.
  if (same?.state === 'withdrawn' || same?.state === 'superseded') {
    return { kind: 'reopen', request: same.id, supersedes: open?.id };
  }
  return open === undefined ? { kind: 'open' } : { kind: 'supersede', request: open.id };
}
