import { createHash } from 'node:crypto';

import { isJsonArray, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { contradicts, type Evidence, present, unknown } from '../model/package-facts.js';
import type { Answer } from './get-bytes.js';

/** A manifest, or an index of those for each platform. */
export interface OciManifest {
  /** `sha256:<hex>` of the bytes that were read. */
  readonly digest: string;
  /** Whether the bytes are those that the registry names, and those that were asked for. */
  readonly integrity: Evidence<string>;
}

/** Returns the manifest in an answer of 200. `named` is the digest that was asked for, where one was. */
export function readManifest({ body, header }: Answer, named: string | undefined): Evidence<OciManifest> {
  const digest = `sha256:${hashOf('sha256', body)}`;
  if (named === undefined && !isManifest(parse(body), header('content-type')))
    return unknown('what the registry gives is no manifest');
  return present({ digest, integrity: compare({ body, digest }, named, header(DIGEST_HEADER)) });
}

const DIGEST_HEADER = 'docker-content-digest';

/** Attacks: other bytes under the digest that a command names; a digest in the header that is not that of the bytes. */
function compare(
  { body, digest }: { readonly body: Buffer; readonly digest: string },
  named: string | undefined,
  told: string | undefined,
): Evidence<string> {
  if (named !== undefined && named !== digest)
    return contradicts(`the manifest has the digest ${digest}, which is not the one that the command names`);
  const algorithm = /^(sha256|sha512):/.exec(told ?? '')?.[1] ?? 'sha256';
  if (told !== undefined && told !== `${algorithm}:${hashOf(algorithm, body)}`)
    return contradicts(`the manifest has the digest ${digest}, which is not the one that the registry names`);
  return present(digest);
}

/** Attack: bytes that are one thing as an index and another as a manifest. They have to say which, as the header does. */
function isManifest(value: JsonValue | undefined, contentType: string | undefined): boolean {
  const type = contentType?.split(';')[0]?.trim();
  const own = stringMember(value, 'mediaType');
  const isIndex = isJsonArray(memberOf(value, 'manifests'));
  if (memberOf(value, 'schemaVersion') !== 2 || (own !== undefined && own !== type)) return false;
  if (isIndex === isJsonArray(memberOf(value, 'layers'))) return false;
  return type !== undefined && (isIndex ? INDEXES : MANIFESTS).has(type);
}

const INDEXES = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

const MANIFESTS = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]);

function hashOf(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

function parse(body: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as JsonValue;
  } catch {
    // Some page: no manifest.
    return undefined;
  }
}
