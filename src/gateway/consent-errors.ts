import type { Consent } from '../model/consent.js';
import { type GatewayError, refusedWith } from './errors.js';

/** Returns the error for a call that a person has to allow first, with the page on which that is done. */
export function consentNeeded(url: string, covers: Consent['covers']): GatewayError {
  const what = covers === 'call' ? 'this one call' : 'calls of this tool in this session';
  const message = `a person has to allow ${what} first: ${url} ; then call it again with the same arguments`;
  return refusedWith(message, { code: 'CONSENT_NEEDED', url });
}

/** Returns the error for a call that a person did not allow. */
export function consentRefused(): GatewayError {
  return refusedWith('a person did not allow this call', { code: 'CONSENT_REFUSED' });
}

/** Returns the error for a call whose answer does not count: the tool is another one by now, or another call took it. */
export function consentStale(): GatewayError {
  const message = 'what a person allowed was used by another call, or the tool has changed since; call it again';
  return refusedWith(message, { code: 'CONSENT_STALE' });
}

/** Returns the error for arguments that nobody can read through before saying yes. */
export function tooLargeForConsent(maxLength: number): GatewayError {
  const message = `a person has to allow this call, and cannot read arguments of more than ${maxLength} characters`;
  return refusedWith(message, { code: 'CONSENT_TOO_LARGE' });
}

/** Returns the error for arguments of which whoever is asked would not see everything. */
export function hiddenFromConsent(): GatewayError {
  const message =
    'a person has to allow this call, and would not see all of it: it holds what looks like a secret where the approved schema has none';
  return refusedWith(message, { code: 'CONSENT_HIDDEN' });
}

/** Returns the error for somebody who asks for more than people can answer. */
export function tooManyConsents(): GatewayError {
  const message = 'too many calls wait for a person already; let them be decided, or wait ten minutes';
  return refusedWith(message, { code: 'TOO_MANY_CONSENTS' });
}
