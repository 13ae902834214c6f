import type { ErrorCode } from '../errors.js';
import type { Decision } from '../model/decision.js';

/**
 * Reasons for which we will not talk to a server at all: it is not one that may be used, or it is not the one that it is said
 * to be. Then what was approved says nothing about who answers, however lately it was checked.
 */
const REFUSALS: readonly ErrorCode[] = ['CONNECT_NOT_ALLOWED', 'CONNECT_PRIVATE_ADDRESS', 'TLS_PIN_MISMATCH'];

/** Whether an observation failed because we refused to talk to the server. */
export function isRefusal(code: ErrorCode): boolean {
  return REFUSALS.includes(code);
}

/** Returns the decisions with every one turned into `block` while we refuse to talk to the server. */
export function blockRefused(
  decisions: readonly Decision[],
  outage: { readonly code: ErrorCode; readonly message: string } | undefined,
): readonly Decision[] {
  if (outage === undefined || !isRefusal(outage.code)) return decisions;
  const reason = { code: 'CONNECTION_REFUSED', message: `${outage.code}: ${outage.message}` } as const;
  return decisions.map(({ reasons, ...decision }) => ({
    ...decision,
    verdict: 'block',
    reasons: [reason, ...reasons.filter(({ code }) => code !== 'APPROVED')],
  }));
}
