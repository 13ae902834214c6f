import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { messageOf, SealwatchError } from '../errors.js';
import type { LogKeys } from './audit-log.js';
import { parseVerifierKey, verifierKey } from './checkpoint.js';
import type { StateFiles } from './state-files.js';

/** Returns a new key pair for a log, with the texts of its two files. */
export function createKeys(origin: string): {
  readonly keys: LogKeys;
  readonly pem: string;
  readonly verifier: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { keys: { origin, publicKey, privateKey }, pem, verifier: `${verifierKey(origin, publicKey)}\n` };
}

/**
 * Returns the keys of the log of this state directory. A store that is only read needs no private key.
 *
 * @throws {SealwatchError} `AUDIT_KEY_MISSING` where a key is missing, unreadable, or not the log's.
 */
export function loadKeys(files: StateFiles, isReadOnly: boolean): LogKeys {
  const verifier = parseVerifierKey(readKey(files.publicKey));
  if (verifier === undefined) throw keyMissing(files.publicKey, 'it is no verifier key');
  if (isReadOnly) return { ...verifier, privateKey: undefined };
  const privateKey = parsePrivateKey(readKey(files.privateKey), files.privateKey);
  if (!createPublicKey(privateKey).equals(verifier.publicKey)) {
    throw keyMissing(files.privateKey, `it does not belong to ${files.publicKey}`);
  }
  return { ...verifier, privateKey };
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw keyMissing(path, messageOf(error));
  }
}

function parsePrivateKey(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw keyMissing(path, messageOf(error));
  }
  throw keyMissing(path, 'it is no Ed25519 key');
}

function keyMissing(path: string, why: string): SealwatchError {
  return new SealwatchError('AUDIT_KEY_MISSING', `the key of the audit log cannot be used (${why}): restore ${path}`);
}
