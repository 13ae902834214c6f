import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import type { Random } from '../ports.js';
import { VAULT_KEY_BYTES } from '../store/vault.js';

/** The first seals, each of them opens. */
export type VaultKeys = readonly [Uint8Array, ...Uint8Array[]];

/**
 * Returns the keys that secrets in the store are sealed with: those of `SEALWATCH_KEY` (base64 of 32 bytes each, the newest first, commas
 * between), else those of the file `vault.key` in the state directory (one a line), which is made where there is none, readable by its
 * owner only.
 *
 * @throws {SealwatchError} `SECRET_KEY_INVALID`
 */
export function readVaultKeys(
  stateDir: string,
  env: Readonly<Record<string, string | undefined>>,
  random: Random,
): VaultKeys {
  const given = env['SEALWATCH_KEY'];
  if (given !== undefined && given !== '') return decodeAll(given.split(','), 'SEALWATCH_KEY');
  const file = vaultKeyFile(stateDir);
  try {
    // `wx`: of two processes that find none, one makes it and the other reads it.
    writeFileSync(file, encode([newKey(random)]), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unreadable(file, error);
  }
  return decodeAll(readLines(file), file);
}

/** Replaces the keys in the file, all at once. */
export function writeVaultKeys(stateDir: string, keys: VaultKeys): void {
  const file = vaultKeyFile(stateDir);
  try {
    writeFileSync(`${file}.new`, encode(keys), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

export function newKey(random: Random): Uint8Array {
  return random.bytes(VAULT_KEY_BYTES);
}

function vaultKeyFile(stateDir: string): string {
  return join(stateDir, 'vault.key');
}

function encode(keys: VaultKeys): string {
  return keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join('');
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function decodeAll(texts: readonly string[], where: string): VaultKeys {
  const [first = '', ...others] = texts.map((text) => text.trim());
  return [decode(first, where), ...others.map((text) => decode(text, where))];
}

function decode(text: string, where: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  if (key.length === VAULT_KEY_BYTES && key.toString('base64') === text) return key;
  throw new SealwatchError('SECRET_KEY_INVALID', `${where} must hold the base64 of ${VAULT_KEY_BYTES} bytes`);
}

function unreadable(file: string, cause: unknown): SealwatchError {
  return new SealwatchError('SECRET_KEY_INVALID', `cannot read or write ${file}: ${messageOf(cause)}`, { cause });
}
