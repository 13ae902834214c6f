import { isJsonArray, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { ABSENT, type Evidence, present, unknown } from '../model/package-facts.js';
import { noAnswer } from './get-bytes.js';
import { readManifest } from './oci-manifest.js';
import type { OciReference } from './oci-reference.js';
import type { OciRegistry } from './oci-registry.js';

/** What signatures are called, where they refer to an image. */
const KINDS: Readonly<Record<string, string>> = {
  'application/vnd.dev.cosign.artifact.sig.v1+json': 'cosign',
  'application/vnd.dev.sigstore.bundle.v0.3+json': 'sigstore bundle',
  'application/vnd.cncf.notary.signature': 'notation',
};

/**
 * Returns which signatures the registry has for an image: those that refer to it, and that under the tag of cosign. None of them is verified:
 * the key or identity that would count is not known here, and the value says so.
 */
export async function signatureOf(
  registry: OciRegistry,
  { api }: OciReference,
  digest: string,
): Promise<Evidence<JsonValue>> {
  const referring = await referrersOf(registry, api, digest);
  const tagged = await taggedFor(registry, api, digest);
  const kinds = [referring, tagged].flatMap((found) => (found.kind === 'present' ? found.value : []));
  if (kinds.length > 0) return present({ found: [...new Set(kinds)].sort(), verified: false });
  return ([referring, tagged].find(({ kind }) => kind !== 'present') as Evidence<never> | undefined) ?? ABSENT;
}

/** A registry that does not know the question answers 404; then there is the tag. */
async function referrersOf(registry: OciRegistry, api: URL, digest: string): Promise<Evidence<readonly string[]>> {
  const answer = await registry.get(`referrers/${digest}`);
  if (answer.kind !== 'present') return answer;
  const { status, body } = answer.value;
  if (status === 404) return present([]);
  if (status !== 200) return noAnswer(api, status);
  const list = manifestsIn(body);
  if (list === undefined) return unknown('what the registry gives is no list of what refers to the image');
  return present(list.flatMap((one) => KINDS[stringMember(one, 'artifactType') ?? ''] ?? []));
}

/** `sha256-<hex>.sig` */
async function taggedFor(registry: OciRegistry, api: URL, digest: string): Promise<Evidence<readonly string[]>> {
  const answer = await registry.get(`manifests/${digest.replace(':', '-')}.sig`);
  if (answer.kind !== 'present') return answer;
  const { status } = answer.value;
  if (status === 404) return present([]);
  if (status !== 200) return noAnswer(api, status);
  const manifest = readManifest(answer.value, undefined);
  return manifest.kind === 'present' ? present(['cosign']) : manifest;
}

function manifestsIn(body: Buffer): readonly JsonValue[] | undefined {
  try {
    const list = memberOf(JSON.parse(body.toString('utf8')) as JsonValue, 'manifests');
    return isJsonArray(list) ? list : undefined;
  } catch {
    // Some page: no list.
    return undefined;
  }
}
