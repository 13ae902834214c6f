import { sha256Hex } from '../integrity/fingerprint.js';
import type { Observation } from '../model/observation.js';
import type { MonitorDeps } from './deps.js';

/**
 * Returns an observation in which a certificate that ends within the time of the configuration is a fact about the server, to be
 * decided on together with all else that changed. One that ends later is none: every certificate ends, and a renewed one is no news.
 */
export function withCertificateEnd(
  observation: Observation,
  { alerting, clock }: Pick<MonitorDeps, 'alerting' | 'clock'>,
): Observation {
  const { certificateExpiresAt: endsAt, rawDigest } = observation;
  if (endsAt === undefined) return observation;
  if (Date.parse(endsAt) - clock.now().getTime() > alerting.certificateWarningMs) return observation;
  // What is equal but for this is not unchanged.
  return { ...observation, certificate: { endsAt }, rawDigest: sha256Hex(JSON.stringify([rawDigest, endsAt])) };
}
