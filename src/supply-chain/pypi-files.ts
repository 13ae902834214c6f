import { createHash } from 'node:crypto';

import type { TrustMaterial } from '@sigstore/verify';

import type { JsonValue } from '../model/json.js';
import {
  ABSENT,
  contradicts,
  type Evidence,
  type EvidenceName,
  type PackageFacts,
  present,
  unknown,
} from '../model/package-facts.js';
import { quote } from '../quote.js';
import { getBytes, noAnswer } from './get-bytes.js';
import { verifyProvenance } from './pypi-attestation.js';
import { type IndexedFile, isWheel } from './pypi-project.js';

/** Servers are small; one that is not is not downloaded for its digest. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_PROVENANCE_BYTES = 4 * 1024 * 1024;

/** Whom to ask, and whose signatures count. */
export interface Ask {
  readonly index: URL;
  readonly trust: TrustMaterial;
  readonly signal: AbortSignal;
}

/** Returns what the files of one version say: all of them by the index's word, the one that is installed by its bytes. */
export async function inspectFiles(
  files: readonly IndexedFile[],
  ask: Ask,
): Promise<Pick<PackageFacts, 'integrity'> & Partial<Record<EvidenceName, Evidence<JsonValue>>>> {
  const { file, why } = chooseFile(files);
  const common = {
    source: sourceOf(files, ask),
    files: hashesOf(files),
    yanked: yankedOf(files),
    publishedAt: publishedAt(files),
    // Building from source runs what the package brings; a wheel is only unpacked.
    installScripts: files.some(isWheel) ? ABSENT : present('it is built from source, which runs its own code'),
  };
  if (file === undefined)
    return { ...common, integrity: unknown(why), provenance: unknown(why), publisher: unknown(why) };
  const integrity = await verifyHash(file, ask);
  return { ...common, integrity, ...(await provenanceOf(file, integrity, ask)) };
}

/** The one file that is installed everywhere. */
function chooseFile(files: readonly IndexedFile[]): { readonly file: IndexedFile | undefined; readonly why: string } {
  const wheels = files.filter(isWheel);
  const [only, ...others] = wheels.length === 0 ? files : wheels;
  if (only !== undefined && others.length === 0 && (!isWheel(only) || only.filename.endsWith('-none-any.whl')))
    return { file: only, why: '' };
  return { file: undefined, why: 'which of its files is installed depends on the machine' };
}

/** Attack: a wheel that is added to a version later goes before the files that were there. */
function hashesOf(files: readonly IndexedFile[]): Evidence<JsonValue> {
  const named = files.map(({ filename, hashes }) => [filename, hashes['sha256'] ?? 'no SHA-256'] as const);
  return present(Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Where the bytes come from: files may lie elsewhere than at the index that names them. */
function sourceOf(files: readonly IndexedFile[], { index }: Ask): Evidence<JsonValue> {
  const origins = files.map(({ url }) => (URL.canParse(url, index.href) ? new URL(url, index).origin : ''));
  const [elsewhere, ...others] = [...new Set(origins)].filter((origin) => origin !== index.origin);
  if (others.length > 0) return unknown('its files lie at several places');
  return present({ registry: index.origin, ...(elsewhere === undefined ? {} : { files: quote(elsewhere, 200) }) });
}

async function verifyHash({ url, hashes }: IndexedFile, ask: Ask): Promise<Evidence<string>> {
  const claimed = hashes['sha256'];
  const bytes = await getFile(url, MAX_FILE_BYTES, ask);
  if (bytes.kind !== 'present') return bytes;
  const sha256 = createHash('sha256').update(bytes.value).digest('hex');
  if (claimed === undefined) return unknown('the index gives no SHA-256 for its file');
  return sha256 === claimed
    ? present(`sha256:${sha256}`)
    : contradicts(`the file has the SHA-256 ${sha256}, which is not what the index says`);
}

type Origin = Record<'provenance' | 'publisher', Evidence<JsonValue>>;

async function provenanceOf(file: IndexedFile, integrity: Evidence<string>, ask: Ask): Promise<Origin> {
  const publisher = unknown('without a verified attestation nobody knows who published it');
  const { filename, provenance } = file;
  if (provenance === undefined)
    return { provenance: unknown('the index does not say whether there are attestations'), publisher };
  if (provenance === null) return { provenance: ABSENT, publisher };
  if (integrity.kind !== 'present') return { provenance: integrity, publisher };
  const body = await getFile(provenance, MAX_PROVENANCE_BYTES, ask);
  if (body.kind !== 'present') return { provenance: body, publisher };
  const about = { filename, sha256: integrity.value.slice('sha256:'.length) };
  const proven = verifyProvenance(body.value, about, ask.trust);
  if (proven.kind !== 'present') return { provenance: proven, publisher };
  return { provenance: present(proven.value.builtFrom), publisher: present(proven.value.publisher) };
}

/** Attack: an index that sends the check to an address of this network. Elsewhere than at its own origin only TLS will do. */
async function getFile(url: string, maxBytes: number, { index, signal }: Ask): Promise<Evidence<Buffer>> {
  const target = URL.canParse(url, index.href) ? new URL(url, index.href) : undefined;
  if (target === undefined || (target.origin !== index.origin && target.protocol !== 'https:'))
    return unknown(`the index names ${quote(url, 120)}, which is not asked`);
  const answer = await getBytes(target, { maxBytes, signal });
  if (answer.kind !== 'present') return answer;
  const { status, body } = answer.value;
  return status === 200 ? present(body) : noAnswer(target, status);
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
