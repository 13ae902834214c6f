import { bundleFromJSON } from '@sigstore/bundle';
import { type Signer, toSignedEntity, type TrustMaterial, Verifier } from '@sigstore/verify';

import type { JsonValue } from '../model/json.js';
import { contradicts, type Evidence, present } from '../model/package-facts.js';

/** Who signed, as the certificate authority wrote it down, and what. */
export interface Signed {
  readonly repository: string;
  /** `https://github.com/owner/name/.github/workflows/publish.yml@refs/tags/v1`, and the like of other services. */
  readonly identity: string;
  /** Who vouches for the identity, such as `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The in-toto statement that is signed. */
  readonly statement: JsonValue;
}

/**
 * Verifies a sigstore bundle that holds a signed statement: the certificate and its log, the entry in the log of signatures, the signature.
 * Nobody is asked over the network. The identity is that of the certificate, not what the statement says.
 */
export function verifyBundle(bundle: JsonValue | undefined, trust: TrustMaterial): Evidence<Signed> {
  let signer: Signer;
  let statement: JsonValue;
  try {
    const parsed = bundleFromJSON(bundle);
    if (parsed.content.$case !== 'dsseEnvelope') return contradicts('the attestation is no signed statement');
    signer = new Verifier(trust).verify(toSignedEntity(parsed));
    statement = JSON.parse(parsed.content.dsseEnvelope.payload.toString('utf8')) as JsonValue;
  } catch {
    // What is wrong with it is told in words that are partly of whoever made it.
    return contradicts('the attestation is not signed by whom sigstore vouches for');
  }
  const identity = signer.identity?.subjectAlternativeName;
  const issuer = signer.identity?.extensions?.issuer;
  if (identity === undefined || issuer === undefined) return contradicts('the attestation is not signed by a workflow');
  const repository = extension(signer.identity?.oids, SOURCE_REPOSITORY) ?? identity.split('/').slice(0, 5).join('/');
  return present({ repository, identity, issuer, statement });
}

/** Returns from where something was built, as it is approved: without the branch or tag, which differs with each version. */
export function builtFrom({ repository, identity, issuer }: Signed): JsonValue {
  return { repository, workflow: identity.replace(/@[^@]*$/, ''), issuer };
}

/** Fulcio's certificate extension with the address of the repository that was built. */
const SOURCE_REPOSITORY = '1.3.6.1.4.1.57264.1.12';

function extension(oids: NonNullable<Signer['identity']>['oids'], wanted: string): string | undefined {
  const found = oids?.find(({ oid }) => oid?.id.join('.') === wanted);
  // A DER UTF8String of less than 128 bytes: its tag, its length, and the text.
  return found?.value[0] === 0x0c ? Buffer.from(found.value.subarray(2)).toString('utf8') : undefined;
}
