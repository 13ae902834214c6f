import { createHash } from 'node:crypto';

import type { TrustMaterial } from '@sigstore/verify';
import semver from 'semver';

import { isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import {
  ABSENT,
  contradicts,
  type Evidence,
  factsWithout,
  nothingKnown,
  type PackageFacts,
  present,
  unknown,
} from '../model/package-facts.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import { quote } from '../quote.js';
import { findInstalled } from './npm-installed.js';
import { bytesSay, registryWord } from './npm-manifest.js';
import { readNpmOptions } from './npm-options.js';
import { provenanceOf } from './npm-provenance.js';
import { advisoriesOf } from './npm-advisories.js';
import { NpmRegistry, whyNot } from './npm-registry.js';
import { signatureOf } from './npm-signature.js';
import { treeOf } from './npm-tree.js';
import type { PackageSource, SourceContext } from './package-source.js';
import { readTarball } from './read-tarball.js';
import { shippedTrust } from './shipped-trust.js';
import { looksLike } from './typosquat.js';

/** Whether it is looked at what is installed with a package: a request for each. */
type Tree = 'walked' | 'left';

type NpmPackage = Extract<LaunchIdentity, { kind: 'package' }>;

/** Returns the source of packages from registries of npm. `trust` is what is trusted for attestations: sigstore's shipped root otherwise. */
export function createNpmSource(options: { readonly trust?: TrustMaterial; readonly tree?: Tree } = {}): PackageSource {
  const trust = options.trust ?? shippedTrust();
  return {
    async inspect(identity, context) {
      if (identity.kind !== 'package' || identity.type !== 'npm')
        return nothing(identity, unknown('it is no npm package'));
      try {
        return await inspectPackage(identity, context, { trust, tree: options.tree ?? 'walked' });
      } catch (error) {
        return nothing(identity, whyNot(error));
      }
    },
  };
}

function nothing(identity: LaunchIdentity, why: Evidence<never>): PackageFacts {
  const asked = identity.kind === 'package' && identity.type === 'npm' ? identity : undefined;
  const purl = asked && `pkg:npm/${asked.name}`;
  const ecosystem = asked === undefined ? 'unknown' : 'npm';
  return factsWithout({ purl, ecosystem, requested: asked?.requested }, why);
}

async function inspectPackage(
  identity: NpmPackage,
  context: SourceContext,
  how: Pick<Found, 'trust' | 'tree'>,
): Promise<PackageFacts> {
  const options = await readNpmOptions(context);
  const installed =
    context.isOfRegistry === true ? undefined : await findInstalled(identity.name, identity.requested, options);
  const registry = new NpmRegistry(identity.name, options);
  const packument = await registry.packument();
  const wanted = installed?.version ?? identity.requested;
  try {
    const manifest = await registry.manifest(wanted);
    const facts = await inspectVersion({ identity, registry, packument, manifest, ...how });
    return installed === undefined ? facts : asInstalled(facts, installed.folder);
  } catch (error) {
    const facts = nothing(identity, whyNot(error));
    return { ...facts, evidence: { ...facts.evidence, unpublished: unpublished(packument, wanted) } };
  }
}

/** What runs then is not what the registry has: it may have been changed since it was installed. */
function asInstalled(facts: PackageFacts, folder: string): PackageFacts {
  const integrity = unknown('a copy that is installed already is run, and nobody checked its files');
  return { ...facts, integrity, evidence: { ...facts.evidence, executable: present({ folder }) } };
}

/** A version that is gone from the list keeps its time; a package that is gone whole says so. */
function unpublished(packument: JsonObject, requested: string | undefined): Evidence<JsonValue> {
  const times = memberOf(packument, 'time');
  const whole = memberOf(times, 'unpublished');
  if (isJsonObject(whole)) return present({ at: stringMember(whole, 'time') ?? 'unknown' });
  if (requested === undefined || memberOf(times, requested) === undefined)
    return unknown('the registry does not say that there ever was such a version');
  return present({ version: requested });
}

interface Found {
  readonly identity: NpmPackage;
  readonly registry: NpmRegistry;
  readonly packument: JsonObject;
  readonly manifest: JsonObject;
  readonly trust: TrustMaterial;
  readonly tree: Tree;
}

async function inspectVersion(found: Found): Promise<PackageFacts> {
  const { identity, registry, packument, manifest, trust } = found;
  const { name } = identity;
  const version = stringMember(manifest, 'version') ?? '';
  // Attack: a version that is an address, to whatever is asked about it.
  if (semver.valid(version) === null) return nothing(identity, unknown('the registry names no version number'));
  const { integrity, bytes } = await readBytes(registry, manifest);
  const subject = { purl: `pkg:npm/${name.replace('@', '%40')}@${version}`, sha512: sha512(bytes, 'hex') };
  return {
    purl: `pkg:npm/${name}@${version}`,
    ecosystem: 'npm',
    requested: identity.requested,
    resolved: present(version),
    integrity,
    evidence: {
      ...nothingKnown('npm has nothing of the kind'),
      ...registryWord(packument, manifest),
      ...(await insideOf(manifest, integrity, bytes)),
      source: sourceOf(registry, manifest),
      signature: await signatureOf(registry, packument, manifest),
      provenance:
        integrity.kind === 'present'
          ? await provenanceOf(registry, packument, manifest, { subject, trust })
          : integrity,
      dependencyTree:
        found.tree === 'walked'
          ? await treeOf(registry, manifest)
          : unknown('nobody looked at what is installed with it'),
      unpublished: ABSENT,
      advisories: await advisoriesOf(registry, name, version),
      typosquat: looksLike(name),
      lockfile: unknown('it is resolved anew when it is started'),
      executable: unknown('it is fetched when it is started'),
    },
  };
}

interface Bytes {
  readonly integrity: Evidence<string>;
  /** Empty where they could not be had. */
  readonly bytes: Uint8Array;
}

/** Attacks: a tarball that was replaced, an integrity that was: either way the bytes are not those that are named. */
async function readBytes(registry: NpmRegistry, manifest: JsonObject): Promise<Bytes> {
  const none = new Uint8Array();
  const address = stringMember(manifest, '_resolved');
  const named = stringMember(manifest, '_integrity');
  if (address === undefined) return { integrity: unknown('the registry names no tarball'), bytes: none };
  if (named === undefined) return { integrity: unknown('the registry names no integrity'), bytes: none };
  if (!named.includes('sha512-')) return { integrity: unknown('the registry names no SHA-512'), bytes: none };
  try {
    const bytes = await registry.tarball(address, named);
    const own = `sha512-${sha512(bytes, 'base64')}`;
    const isNamed = named.split(/\s+/).includes(own);
    return {
      integrity: isNamed ? present(own) : contradicts('the bytes are not those that the registry names'),
      bytes,
    };
  } catch (error) {
    return { integrity: whyNot(error), bytes: none };
  }
}

function sha512(bytes: Uint8Array, encoding: 'hex' | 'base64'): string {
  return createHash('sha512').update(bytes).digest(encoding);
}

/** Of bytes that are not those of the version, nothing is said. */
async function insideOf(
  manifest: JsonObject,
  integrity: Evidence<string>,
  bytes: Uint8Array,
): Promise<ReturnType<typeof bytesSay>> {
  if (integrity.kind !== 'present') return { installScripts: integrity, dependencies: integrity };
  try {
    return bytesSay(manifest, await readTarball(bytes));
  } catch (error) {
    return { installScripts: whyNot(error), dependencies: whyNot(error) };
  }
}

/** Where the bytes come from: a tarball may lie elsewhere than at the registry that names it. */
function sourceOf(registry: NpmRegistry, manifest: JsonObject): Evidence<JsonValue> {
  const address = stringMember(manifest, '_resolved');
  const { origin, pathname } = registry.address;
  if (address === undefined || !URL.canParse(address)) return unknown('the registry names no tarball');
  // Behind one host can be the registries of many.
  const from = `${origin}${pathname}`.replace(/\/+$/, '');
  const tarball = new URL(address).origin;
  return present(tarball === origin ? { registry: from } : { registry: from, tarball: quote(tarball, 200) });
}
