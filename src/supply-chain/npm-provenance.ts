import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type Signer, toSignedEntity, toTrustMaterial, type TrustMaterial, Verifier } from '@sigstore/verify';

import { isJsonArray, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { ABSENT, contradicts, type Evidence, present, unknown } from '../model/package-facts.js';
import { type NpmRegistry, whyNot } from './npm-registry.js';
import { shippedTarget, someVersion } from './npm-signature.js';

/** What an attestation has to be about. */
export interface Subject {
  /** `pkg:npm/%40scope/name@1.0.0` */
  readonly purl: string;
  /** Hex, of the bytes that were read. */
  readonly sha512: string;
}

/** Returns what sigstore is trusted for, from the root that is shipped with us: nothing is fetched. */
export function shippedTrust(): TrustMaterial {
  return toTrustMaterial(TrustedRoot.fromJSON(shippedTarget('trusted_root.json')));
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
  if (!isAbout(statement, subject)) return contradicts('the attestation is for another package or for other bytes');
  return identityOf(signer);
}

/** In-toto: each subject has a name and digests. npm gives one; where there are more, one has to be ours. */
function isAbout(statement: JsonValue, { purl, sha512 }: Subject): boolean {
  const subjects = memberOf(statement, 'subject');
  if (!isJsonArray(subjects)) return false;
  return subjects.some(
    (one) => stringMember(one, 'name') === purl && stringMember(memberOf(one, 'digest'), 'sha512') === sha512,
  );
}

/** `https://github.com/owner/name/.github/workflows/publish.yml@refs/tags/v1`, and the like of other services. */
function identityOf({ identity }: Signer): Evidence<JsonValue> {
  const workflow = identity?.subjectAlternativeName;
  const issuer = identity?.extensions?.issuer;
  if (workflow === undefined || issuer === undefined) return contradicts('the attestation is not signed by a workflow');
  const repository = extension(identity?.oids, SOURCE_REPOSITORY) ?? workflow.split('/').slice(0, 5).join('/');
  return present({ repository, workflow: workflow.replace(/@[^@]*$/, ''), issuer });
}

/** Fulcio's certificate extension with the address of the repository that was built. */
const SOURCE_REPOSITORY = '1.3.6.1.4.1.57264.1.12';

function extension(oids: NonNullable<Signer['identity']>['oids'], wanted: string): string | undefined {
  const found = oids?.find(({ oid }) => oid?.id.join('.') === wanted);
  // A DER UTF8String of less than 128 bytes: its tag, its length, and the text.
  return found?.value[0] === 0x0c ? Buffer.from(found.value.subarray(2)).toString('utf8') : undefined;
}
