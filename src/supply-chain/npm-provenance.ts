import type { TrustMaterial } from '@sigstore/verify';

import { isJsonArray, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { ABSENT, contradicts, type Evidence, present, unknown } from '../model/package-facts.js';
import { type NpmRegistry, whyNot } from './npm-registry.js';
import { someVersion } from './npm-signature.js';
import { builtFrom, verifyBundle } from './verify-bundle.js';

/** What an attestation has to be about. */
export interface Subject {
  /** `pkg:npm/%40scope/name@1.0.0` */
  readonly purl: string;
  /** Hex, of the bytes that were read. */
  readonly sha512: string;
}

/**
 * Returns from which repository and workflow a version was built, where a build service says so: an attestation over these bytes under
 * this name, signed with a certificate of sigstore that was logged. The identity is that of the certificate, not what the statement says.
 */
export async function provenanceOf(
  registry: NpmRegistry,
  packument: JsonObject,
  manifest: JsonObject,
  { subject, trust }: { readonly subject: Subject; readonly trust: TrustMaterial },
): Promise<Evidence<JsonValue>> {
  const address = stringMember(memberOf(memberOf(manifest, 'dist'), 'attestations'), 'url');
  if (address === undefined || !URL.canParse(address, registry.address.href)) return without(packument);
  let answer: JsonValue;
  try {
    // Attack: an address elsewhere. As npm does, only the path counts, at the registry that it is configured for.
    answer = await registry.json(new URL(address, registry.address).pathname);
  } catch (error) {
    return whyNot(error);
  }
  const attestations = memberOf(answer, 'attestations');
  const bundles = isJsonArray(attestations) ? attestations.filter(isProvenance) : [];
  if (bundles.length === 0) return ABSENT;
  return verifyAll(bundles, subject, trust);
}

/** The other kind that npm has says that it was published, and is signed by the registry. */
function isProvenance(attestation: JsonValue): boolean {
  return /^https:\/\/slsa\.dev\/provenance\/v(?:0\.2|1)$/.test(stringMember(attestation, 'predicateType') ?? '');
}

function without(packument: JsonObject): Evidence<never> {
  return someVersion(packument, (dist) => memberOf(dist, 'attestations') !== undefined)
    ? ABSENT
    : unknown('this registry gives no attestations');
}

/** Attack: a good attestation beside a wrong one. Every one has to be right. */
function verifyAll(bundles: readonly JsonValue[], subject: Subject, trust: TrustMaterial): Evidence<JsonValue> {
  const found = bundles.map((attestation) => verifyOne(memberOf(attestation, 'bundle'), subject, trust));
  return found.find(({ kind }) => kind !== 'present') ?? found[0] ?? ABSENT;
}

function verifyOne(bundle: JsonValue | undefined, subject: Subject, trust: TrustMaterial): Evidence<JsonValue> {
  const signed = verifyBundle(bundle, trust);
  if (signed.kind !== 'present') return signed;
  if (!isAbout(signed.value.statement, subject))
    return contradicts('the attestation is for another package or for other bytes');
  return present(builtFrom(signed.value));
}

/** In-toto: each subject has a name and digests. npm gives one; where there are more, one has to be ours. */
function isAbout(statement: JsonValue, { purl, sha512 }: Subject): boolean {
  const subjects = memberOf(statement, 'subject');
  if (!isJsonArray(subjects)) return false;
  return subjects.some(
    (one) => stringMember(one, 'name') === purl && stringMember(memberOf(one, 'digest'), 'sha512') === sha512,
  );
}
