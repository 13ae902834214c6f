import { createRequire } from 'node:module';

import { type Bundle, bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, type TrustMaterial, Verifier } from '@sigstore/verify';

import type { JsonValue } from '../model/json.js';
import type { Evidence } from '../model/package-facts.js';
import { contradicts, present } from '../model/package-facts.js';

/** Who signed, as the certificate authority wrote it down, and what. */
export interface Signed {
  /** Such as `https://github.com/owner/name/.github/workflows/release.yml@refs/tags/v1`. */
  readonly identity: string;
  /** Who vouches for the identity, such as `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The in-toto statement: the bytes that are signed. */
  readonly statement: Buffer;
}

/**
 * Verifies a sigstore bundle that holds a DSSE envelope: certificate, its transparency log, the entry in the signatures' log, signature.
 * Nobody is asked over the network.
 */
export function verifyBundle(bundle: JsonValue, trusted: TrustMaterial): Evidence<Signed> {
  let read: Bundle;
  try {
    read = bundleFromJSON(bundle);
  } catch {
    // What is written there is the registry's text, and is not repeated.
    return contradicts('an attestation is no sigstore bundle');
  }
  if (read.content.$case !== 'dsseEnvelope') return contradicts('an attestation signs no statement');
  try {
    const { identity } = new Verifier(trusted).verify(toSignedEntity(read));
    const { subjectAlternativeName, extensions } = identity ?? {};
    if (subjectAlternativeName === undefined || extensions?.issuer === undefined)
      return contradicts('the certificate of an attestation names nobody');
    return present({
      identity: subjectAlternativeName,
      issuer: extensions.issuer,
      statement: read.content.dsseEnvelope.payload,
    });
  } catch {
    return contradicts('the signature of an attestation does not verify');
  }
}

/** Returns what sigstore's public instance is trusted by: the root of trust that came with the package, as nobody is asked for a newer one. */
export function publicTrust(): TrustMaterial {
  const seeds = createRequire(import.meta.url)('@sigstore/tuf/seeds.json') as Seeds;
  const text = seeds['https://tuf-repo-cdn.sigstore.dev']?.targets['trusted_root.json'] ?? '';
  return trustFrom(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
}

type Seeds = Readonly<Record<string, { readonly targets: Readonly<Record<string, string>> }>>;

/** Returns what another instance of sigstore is trusted by, from its `trusted_root.json`. */
export function trustFrom(trustedRoot: unknown): TrustMaterial {
  return toTrustMaterial(TrustedRoot.fromJSON(trustedRoot));
}
