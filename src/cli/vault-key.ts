import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import type { Random } from '../ports.js';
import { VAULT_KEY_BYTES } from '../store/vault.js';

/**
 * Returns the key that secrets in the store are sealed with: that of `SEALWATCH_KEY` (base64 of 32 bytes), else that of the file
 * `vault.key` in the state directory, which is made where there is none, readable by its owner only.
 *
 * @throws {SealwatchError} `SECRET_KEY_INVALID`
 */
export function readVaultKey(
  stateDir: string,
  env: Readonly<Record<string, string | undefined>>,
  random: Random,
): Uint8Array {
  const given = env['SEALWATCH_KEY'];
  if (given !== undefined && given !== '') return decode(given, 'SEALWATCH_KEY');
  const file = join(stateDir, 'vault.key');
  try {
    // `wx`: of two processes that find none, one makes it and the other reads it.
    writeFileSync(file, `${Buffer.from(random.bytes(VAULT_KEY_BYTES)).toString('base64')}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unreadable(file, error);
  }
  try {
    return decode(readFileSync(file, 'utf8').trim(), file);
  } catch (error) {
    if (error instanceof SealwatchError) throw error;
    throw unreadable(file, error);
  }
}

function decode(text: string, where: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  if (key.length === VAULT_KEY_BYTES && key.toString('base64') === text) return key;
  throw new SealwatchError('SECRET_KEY_INVALID', `${where} must hold the base64 of ${VAULT_KEY_BYTES} bytes`);
}

function unreadable(file: string, cause: unknown): SealwatchError {
  return new SealwatchError('SECRET_KEY_INVALID', `cannot read or make ${file}: ${messageOf(cause)}`, { cause });
}
