import { createRequire } from 'node:module';

import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial, type TrustMaterial } from '@sigstore/verify';

import type { JsonValue } from '../model/json.js';

/** Returns what sigstore is trusted for, from the root that is shipped with us: nothing is fetched. */
export function shippedTrust(): TrustMaterial {
  return toTrustMaterial(TrustedRoot.fromJSON(shippedTarget('trusted_root.json')));
}

/** Returns a target of sigstore's trust root, as it was when the package that ships it was made. */
export function shippedTarget(name: string): JsonValue {
  const seeds = createRequire(import.meta.url)('@sigstore/tuf/seeds.json') as Seeds;
  const target = seeds['https://tuf-repo-cdn.sigstore.dev']?.targets[name] ?? '';
  return JSON.parse(Buffer.from(target, 'base64').toString('utf8')) as JsonValue;
}

type Seeds = Readonly<Record<string, { readonly targets: Readonly<Record<string, string>> }>>;
