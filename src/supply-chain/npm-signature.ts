import { createPublicKey } from 'node:crypto';

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { ABSENT, contradicts, type Evidence, present, unknown } from '../model/package-facts.js';
import { type NpmRegistry, whyNot } from './npm-registry.js';
import { shippedTarget } from './shipped-trust.js';

/** A key that a registry signs with, as pacote takes it. */
type Key = JsonObject & { readonly keyid: string; readonly pemkey: string };

/** Where keys come from: npm's configuration, the trust root that is shipped with us, or the registry itself. */
interface Keys {
  readonly from: 'configured' | 'shipped' | 'registry';
  readonly keys: readonly Key[];
}

/**
 * Returns what the registry's signature of a version says. Keys that the registry itself serves prove only that it still signs as it
 * does now, and the value says so.
 */
export async function signatureOf(
  registry: NpmRegistry,
  packument: JsonObject,
  manifest: JsonObject,
): Promise<Evidence<JsonValue>> {
  const signatures = memberOf(memberOf(manifest, 'dist'), 'signatures');
  if (!isJsonArray(signatures) || signatures.length === 0) return withoutSignature(packument);
  const found = await findKeys(registry);
  if (found === undefined) return unknown('it is signed, and no key of the registry is known');
  try {
    await registry.verifySignatures(stringMember(manifest, 'version') ?? '', found.keys);
  } catch (error) {
    return REFUSALS[(error as { code?: string }).code ?? ''] ?? whyNot(error);
  }
  const keyids = signatures.map((signature) => stringMember(signature, 'keyid') ?? '');
  return present({ keyids, keysFrom: found.from });
}

const REFUSALS: Readonly<Record<string, Evidence<never>>> = {
  EMISSINGSIGNATUREKEY: unknown('it is signed with a key that is not known'),
  // Mirrors give times of their own, so this may be a version that was signed in time.
  EEXPIREDSIGNATUREKEY: unknown('it is signed with a key that had expired by the time that the registry gives'),
  EINTEGRITYSIGNATURE: contradicts('the signature is not for these bytes under this name and version'),
};

/** Attack: a signature is taken away. Where others of the package are signed, that one is not is an answer; else nothing is known. */
function withoutSignature(packument: JsonObject): Evidence<never> {
  return someVersion(packument, (dist) => memberOf(dist, 'signatures') !== undefined)
    ? ABSENT
    : unknown('this registry gives no signatures');
}

/** Whether any version of a package has something in its `dist`. */
export function someVersion(packument: JsonObject, holds: (dist: JsonValue | undefined) => boolean): boolean {
  const versions = memberOf(packument, 'versions');
  return isJsonObject(versions) && Object.values(versions).some((version) => holds(memberOf(version, 'dist')));
}

async function findKeys(registry: NpmRegistry): Promise<Keys | undefined> {
  const configured = toKeys(registry.configuredKeys);
  if (configured.length > 0) return { from: 'configured', keys: configured };
  if (registry.address.host === 'registry.npmjs.org') return { from: 'shipped', keys: shippedKeys() };
  try {
    const served = toKeys(memberOf(await registry.json('/-/npm/v1/keys'), 'keys'));
    return served.length > 0 ? { from: 'registry', keys: served } : undefined;
  } catch {
    // It has none, or does not tell: then the signature cannot be checked, and the caller says so.
    return undefined;
  }
}

/** Takes keys as the registry's endpoint gives them, with the bytes in base64, and as npm's configuration does, with them in PEM. */
function toKeys(value: JsonValue | undefined): readonly Key[] {
  if (!isJsonArray(value)) return [];
  return value.flatMap((key) => {
    const keyid = stringMember(key, 'keyid');
    const pemkey = stringMember(key, 'pemkey') ?? toPem(stringMember(key, 'key'));
    if (!isJsonObject(key) || keyid === undefined || pemkey === undefined) return [];
    return [{ keyid, pemkey, expires: stringMember(key, 'expires') ?? null }];
  });
}

function toPem(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  try {
    const spki = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
    return spki.export({ format: 'pem', type: 'spki' }).toString();
  } catch {
    // No key: what is signed with it is signed with a key that is not known.
    return undefined;
  }
}

/** Those with which npm signs packages; the others are for attestations. */
function shippedKeys(): readonly Key[] {
  const keys = memberOf(shippedTarget('registry.npmjs.org%2Fkeys.json'), 'keys');
  if (!isJsonArray(keys)) return [];
  return keys.flatMap((key) => {
    const publicKey = memberOf(key, 'publicKey');
    const expires = stringMember(memberOf(publicKey, 'validFor'), 'end') ?? null;
    const keyid = stringMember(key, 'keyId') ?? '';
    if (stringMember(key, 'keyUsage') !== 'npm:signatures') return [];
    return toKeys([{ keyid, key: stringMember(publicKey, 'rawBytes') ?? '', expires }]);
  });
}
