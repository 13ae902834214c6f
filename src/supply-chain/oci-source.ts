import {
  contradicts,
  type Evidence,
  factsWithout,
  nothingKnown,
  type PackageFacts,
  present,
  unknown,
} from '../model/package-facts.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import { noAnswer } from './get-bytes.js';
import { type OciManifest, readManifest } from './oci-manifest.js';
import { isLoopback, namesRegistry, type OciReference, readReference } from './oci-reference.js';
import { type OciRegistry, openRegistry } from './oci-registry.js';
import { signatureOf } from './oci-signature.js';
import type { PackageSource, SourceContext } from './package-source.js';

const NOT_SAID = 'the registry of an image does not say';

type Image = Extract<LaunchIdentity, { kind: 'image' }>;

/** Returns the source of container images: the distribution API of the registry that the image's own name says. */
export function createOciSource(): PackageSource {
  return {
    async inspect(identity, context) {
      if (identity.kind !== 'image') return factsWithout(NO_IMAGE, unknown('it is no image'));
      const reference = readReference(identity);
      if (reference === undefined) return factsWithout(NO_IMAGE, unknown('it is no name of an image'));
      const isAmbiguous = isPodman(context) && !namesRegistry(identity);
      if (isAmbiguous)
        return factsWithout(asAsked(identity, reference), unknown('which registry it is from is not in its name'));
      return await inspectImage(identity, reference, context.signal);
    },
  };
}

const NO_IMAGE = { purl: undefined, ecosystem: 'oci', requested: undefined } as const;

function isPodman({ command }: SourceContext): boolean {
  return command === undefined || !/(?:^|[/\\])docker(?:\.exe)?$/i.test(command);
}

/** The purl type `oci` has the repository as a qualifier. */
function asAsked(
  { digest, tag }: Image,
  { host, name }: OciReference,
  resolved?: string,
): Pick<PackageFacts, 'purl' | 'ecosystem' | 'requested'> {
  const version = resolved === undefined ? '' : `@${encodeURIComponent(resolved)}`;
  const repository = encodeURIComponent(`${host}/${name}`);
  return {
    purl: `pkg:oci/${name.split('/').at(-1) ?? name}${version}?repository_url=${repository}`,
    ecosystem: 'oci',
    requested: digest ?? tag,
  };
}

async function inspectImage(identity: Image, reference: OciReference, signal: AbortSignal): Promise<PackageFacts> {
  const registry = openRegistry(reference, signal);
  const manifest = await fetchManifest(registry, reference);
  if (manifest.kind !== 'present') return withoutManifest(identity, reference, manifest);
  const { integrity } = manifest.value;
  // What runs is what the command names, whatever the registry has under it.
  const digest = reference.digest ?? manifest.value.digest;
  return {
    ...asAsked(identity, reference, digest),
    resolved: present(digest),
    integrity,
    evidence: {
      ...nothingKnown(NOT_SAID),
      source: sourceOf(reference),
      signature: integrity.kind === 'present' ? await signatureOf(registry, reference, digest) : integrity,
      provenance: unknown('attestations of images are not looked at'),
      executable: unknown('a copy on this machine may be run in place of what the registry has'),
    },
  };
}

async function fetchManifest(
  registry: OciRegistry,
  { api, digest, tag }: OciReference,
): Promise<Evidence<OciManifest>> {
  const answer = await registry.get(`manifests/${digest ?? tag}`);
  if (answer.kind !== 'present') return answer;
  const { status } = answer.value;
  if (status === 200) return readManifest(answer.value, digest);
  if (status === 404)
    return digest === undefined
      ? unknown('the registry does not have it')
      : contradicts('the registry does not have the digest that the command names');
  if (status === 401 || status === 403) return unknown('the registry wants to know who asks');
  return noAnswer(api, status);
}

/** A command that names a digest says what runs; that its registry has no such thing is against it. */
function withoutManifest(identity: Image, reference: OciReference, why: Evidence<never>): PackageFacts {
  const facts = factsWithout(asAsked(identity, reference, reference.digest), why);
  if (why.kind !== 'contradicts' || reference.digest === undefined) return facts;
  const evidence = { ...nothingKnown(NOT_SAID), source: sourceOf(reference) };
  return { ...facts, resolved: present(reference.digest), evidence };
}

function sourceOf({ host, api }: OciReference): Evidence<{ readonly registry: string }> {
  return present({ registry: isLoopback(api) ? api.origin : `https://${host}` });
}
