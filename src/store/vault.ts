import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

import { SealwatchError } from '../errors.js';
import type { Clock, Random, Store, Vault } from '../ports.js';
import { alone } from './alone.js';

/** Of AES-256. */
export const VAULT_KEY_BYTES = 32;

/** NIST SP 800-38D: 96 bits, never twice under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Returns what keeps secrets in the store, sealed with AES-256-GCM. A sealed text is bound to its name, so that one cannot be put in the
 * place of another, and names the key that opens it: `v1:<key>:<base64 of nonce, text and tag>`. The first key seals, each of them opens.
 */
export function createVault(
  store: Pick<Store, 'loadSealed' | 'saveSealed'>,
  options: {
    readonly keys: readonly [Uint8Array, ...Uint8Array[]];
    readonly clock: Clock;
    readonly random: Random;
    /** Where processes that share the store lock each other out. */
    readonly folder: string;
  },
): Vault {
  const { keys, clock, random, folder } = options;
  return {
    load: async (name) => {
      const sealed = await store.loadSealed(name);
      return sealed === undefined ? undefined : open(sealed, name, keys);
    },
    save: async (name, text) => {
      const sealed = text === undefined ? undefined : seal(text, name, keys[0], random);
      await store.saveSealed(name, sealed, clock.now().toISOString());
    },
    alone: async (name, action) => await alone(folder, name, action),
  };
}

function nameOfKey(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}

function seal(text: string, name: string, key: Uint8Array, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
  const body = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nameOfKey(key)}:${body.toString('base64')}`;
}

function open(sealed: string, name: string, keys: readonly Uint8Array[]): string {
  const [scheme, usedKey, text = ''] = sealed.split(':');
  const key = keys.find((one) => nameOfKey(one) === usedKey);
  if (scheme !== 'v1' || key === undefined)
    throw new SealwatchError('SECRET_SEALED', 'a secret was sealed with another key than those that are there now');
  const body = Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(name))
      .setAuthTag(body.subarray(-TAG_BYTES));
    return decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw new SealwatchError('SECRET_SEALED', 'a sealed secret was changed since it was written', { cause });
  }
}
