import { sha256Hex } from '../integrity/fingerprint.js';
import type { Random } from '../ports.js';

/** 256 bits: nobody guesses it, whatever the rate. */
const SECRET_BYTES = 32;

/** Returns a new secret with a prefix that tells people and secret scanners what it is. Only its {@link hashSecret} is stored. */
export function newSecret(prefix: string, random: Random): string {
  return `${prefix}${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')}`;
}

/** Returns what is stored in place of a secret: its SHA-256, hex. The secret is random, so it needs no salt. */
export function hashSecret(secret: string): string {
  return sha256Hex(secret);
}
