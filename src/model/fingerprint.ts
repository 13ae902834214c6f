import { SealwatchError } from '../errors.js';

declare const fingerprintBrand: unique symbol;

/** `v1:sha256:<64 hex digits>` over the RFC 8785 form of a whole definition as sent. */
export type Fingerprint = string & { readonly [fingerprintBrand]: true };

/**
 * Returns the text as a fingerprint.
 *
 * @throws {SealwatchError} `FINGERPRINT_INVALID`
 */
export function parseFingerprint(text: string): Fingerprint {
  if (!/^v1:sha256:[0-9a-f]{64}$/.test(text)) {
    throw new SealwatchError('FINGERPRINT_INVALID', `not a fingerprint: ${JSON.stringify(text.slice(0, 100))}`);
  }
  return text as Fingerprint;
}

/**
 * What an approval, a finding or a waiver is bound to: exactly one version of one definition.
 *
 * - `v1:sha256:<hex>`: the fingerprint, for everything that has one (of the masked form where a mask applied);
 * - `v1:sha256:<hex>+numbers:<hex>`: where a number is one that a double cannot carry exactly, the digest of the
 *   numbers as they were written as well, since the canonical form does not tell them apart;
 * - `v1:sha256:<hex>+text:<hex>`: for instructions with an unpaired surrogate, which UTF-8 does not tell apart;
 * - `malformed:sha256:<hex>` over the bytes as sent, for what has no canonical form. It can never be approved.
 */
export type VersionId = string;

/** Returns whether a version has no canonical form, and so can be neither fingerprinted nor approved. */
export function isMalformed(version: VersionId): boolean {
  return version.startsWith('malformed:');
}

/** Returns the first characters of a version's digest, enough for a person to tell two apart: `3f2a9c01b7de`. */
export function shortVersion(version: VersionId): string {
  const hex = /sha256:([0-9a-f]{12})/.exec(version)?.[1] ?? version.slice(0, 12);
  return isMalformed(version) ? `malformed ${hex}` : hex;
}
