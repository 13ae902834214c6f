import { createHash } from 'node:crypto';

import type { TrustMaterial } from '@sigstore/verify';

import type { JsonObject } from '../model/json.js';
import { ABSENT, contradicts, type Evidence, type PackageFacts, present, unknown } from '../model/package-facts.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import { quote } from '../quote.js';
import { getBytes } from './get-bytes.js';
import type { PackageSource } from './package-source.js';
import { verifyProvenance } from './pypi-attestation.js';
import { chooseVersion, type IndexedFile, type IndexedProject, isWheel, readProject } from './pypi-project.js';
import { had, notHad, type SomeEvidence, type Told, unknownFacts, withUnknown } from './told.js';

/** Where packages come from, and whose signatures count. */
interface PypiSourceOptions {
  /** Of the simple API, such as `https://pypi.org/simple`. */
  readonly index: URL;
  /** `undefined`: no attestation can be verified. */
  readonly trusted: TrustMaterial | undefined;
}

/** The largest project of the public index has some 40 MB of listing. */
const MAX_LISTING_BYTES = 64 * 1024 * 1024;
/** Servers are small; one that is not is not downloaded for its digest. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_PROVENANCE_BYTES = 4 * 1024 * 1024;

const NOT_SAID = 'the simple API of an index does not say';

/** Returns the source for packages of a Python index: PEP 691 (listing), 592 (yanked), 740 (attestations), 792 (status). */
export function createPypiSource(options: PypiSourceOptions): PackageSource {
  return {
    inspect: async (identity, { signal }) => {
      if (identity.kind !== 'package' || identity.type !== 'pypi')
        return unknownFacts({ purl: undefined, ecosystem: 'pypi', requested: undefined }, 'it is no Python package');
      return await inspectPackage(identity, { ...options, signal });
    },
  };
}

type PypiPackage = Extract<LaunchIdentity, { kind: 'package' }>;
type Ask = PypiSourceOptions & { readonly signal: AbortSignal };

async function inspectPackage({ name, requested }: PypiPackage, ask: Ask): Promise<PackageFacts> {
  const asked = { purl: `pkg:pypi/${name}`, ecosystem: 'pypi', requested } as const;
  const listed = await listProject(name, ask);
  if (listed.kind === 'unknown') return unknownFacts(asked, listed.why);
  if (listed.value === undefined) return { ...unknownFacts(asked, 'the index has no such package'), resolved: ABSENT };
  const version = chooseVersion(listed.value, requested);
  const files = version === undefined ? undefined : listed.value.versions.get(version);
  if (version === undefined || files === undefined) return withoutVersion(asked, listed.value);
  const purl = `${asked.purl}@${encodeURIComponent(version)}`;
  const { integrity, ...evidence } = await inspectFiles(files, ask);
  return {
    ...asked,
    purl,
    resolved: present(version),
    integrity,
    evidence: withUnknown(
      { ...evidence, source: present(ask.index.href), deprecated: statusOf(listed.value) },
      NOT_SAID,
    ),
  };
}

/** Nobody can tell a version that was taken back from one that never was. */
function withoutVersion(asked: Parameters<typeof unknownFacts>[0], project: IndexedProject): PackageFacts {
  const why = `the index lists no version ${quote(asked.requested ?? 'at all', 60)} (of ${project.versions.size})`;
  return { ...unknownFacts(asked, why), resolved: contradicts(why) };
}

async function listProject(name: string, { index, signal }: Ask): Promise<Told<IndexedProject | undefined>> {
  const url = new URL(`${index.href.replace(/\/$/, '')}/${name}/`);
  const headers = { accept: 'application/vnd.pypi.simple.v1+json' };
  const answer = await getBytes(url, { headers, maxBytes: MAX_LISTING_BYTES, signal });
  if (answer.kind === 'unknown') return answer;
  const { status, body } = answer.value;
  if (status === 404) return had(undefined);
  if (status !== 200) return notHad(`the index answers with HTTP ${status}`);
  const project = readProject(body, name);
  return project === undefined ? notHad('the index answers with no listing of PEP 691') : had(project);
}

async function inspectFiles(
  files: readonly IndexedFile[],
  ask: Ask,
): Promise<SomeEvidence & Pick<PackageFacts, 'integrity'>> {
  const { file, why } = chooseFile(files);
  const common = {
    yanked: yankedOf(files),
    publishedAt: publishedAt(files),
    // Building from source runs what the package brings; a wheel is only unpacked.
    installScripts: files.some(isWheel) ? ABSENT : present('it is built from source, which runs its own code'),
  };
  if (file === undefined)
    return { ...common, integrity: unknown(why), provenance: unknown(why), publisher: unknown(why) };
  const integrity = await verifyHash(file, ask);
  const provenance = await provenanceOf(file, integrity, ask);
  return { ...common, integrity, provenance, publisher: publisherOf(provenance) };
}

/** The one file that is installed everywhere. */
function chooseFile(files: readonly IndexedFile[]): { readonly file: IndexedFile | undefined; readonly why: string } {
  const wheels = files.filter(isWheel);
  const [only, ...others] = wheels.length === 0 ? files : wheels;
  if (only !== undefined && others.length === 0 && (!isWheel(only) || only.filename.endsWith('-none-any.whl')))
    return { file: only, why: '' };
  return { file: undefined, why: 'which of its files is installed depends on the machine' };
}

async function verifyHash({ url, hashes }: IndexedFile, ask: Ask): Promise<Evidence<string>> {
  const claimed = hashes['sha256'];
  const answer = await getFile(url, MAX_FILE_BYTES, ask);
  if (answer.kind === 'unknown') return answer;
  const sha256 = createHash('sha256').update(answer.value).digest('hex');
  if (claimed === undefined) return unknown('the index gives no SHA-256 for its file');
  return sha256 === claimed
    ? present(`sha256:${sha256}`)
    : contradicts(`the file has the SHA-256 ${sha256}, which is not what the index says`);
}

async function provenanceOf(
  { filename, provenance }: IndexedFile,
  integrity: Evidence<string>,
  ask: Ask,
): Promise<Evidence<JsonObject>> {
  if (provenance === undefined) return unknown('the index does not say whether there are attestations');
  if (provenance === null) return ABSENT;
  if (ask.trusted === undefined) return unknown('there are attestations, and no root of trust to verify them with');
  if (integrity.kind !== 'present')
    return unknown('there are attestations, of a file whose bytes could not be verified');
  const answer = await getFile(provenance, MAX_PROVENANCE_BYTES, ask);
  if (answer.kind === 'unknown') return answer;
  return verifyProvenance(answer.value, { filename, sha256: integrity.value.slice('sha256:'.length) }, ask.trusted);
}

/** Attack: an index that sends the check to an address of this network. Elsewhere than at its own origin only TLS will do. */
async function getFile(url: string, maxBytes: number, { index, signal }: Ask): Promise<Told<Buffer>> {
  const target = URL.canParse(url, index.href) ? new URL(url, index.href) : undefined;
  if (target === undefined || (target.origin !== index.origin && target.protocol !== 'https:'))
    return notHad(`the index names ${quote(url, 120)}, which is not asked`);
  const answer = await getBytes(target, { maxBytes, signal });
  if (answer.kind === 'unknown') return answer;
  return answer.value.status === 200
    ? had(answer.value.body)
    : notHad(`${quote(target.host, 80)} answers with HTTP ${answer.value.status}`);
}

function publisherOf(provenance: Evidence<JsonObject>): Evidence<JsonObject> {
  if (provenance.kind !== 'present') return unknown('without a verified attestation nobody knows who published it');
  const { kind = null, repository = null, workflow = null } = provenance.value;
  return present({ kind, repository, workflow });
}

function yankedOf(files: readonly IndexedFile[]): Evidence<string> {
  const yanked = files.map((file) => file.yanked);
  if (yanked.includes(undefined)) return unknown('the index does not say whether it is yanked');
  const reasons = yanked.filter((one) => one !== false);
  if (reasons.length === 0) return ABSENT;
  if (reasons.length < yanked.length) return contradicts('some of its files are yanked, and others are not');
  const [reason] = reasons;
  return present(typeof reason === 'string' ? reason : 'no reason is given');
}

/** When the first of its files came. */
function publishedAt(files: readonly IndexedFile[]): Evidence<string> {
  const times = files.map((file) => Date.parse(file['upload-time'] ?? ''));
  if (times.some(Number.isNaN)) return unknown('the index does not say when it was uploaded');
  return present(new Date(Math.min(...times)).toISOString());
}

function statusOf({ status }: IndexedProject): Evidence<string> {
  if (status === undefined) return unknown('the index does not say whether the project is kept up');
  if (status.status === undefined || status.status === 'active') return ABSENT;
  return present(status.reason === undefined ? status.status : `${status.status}: ${status.reason}`);
}
