import { execSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import type { Random } from '../ports.js';
import { VAULT_KEY_BYTES } from '../store/vault.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The first seals, each of them opens. */
export type VaultKeys = readonly [Uint8Array, ...Uint8Array[]];

/**
 * Returns the keys that secrets in the store are sealed with: those of `SEALWATCH_KEY` (base64 of 32 bytes each, the newest first, commas
 * between), those that `SEALWATCH_KEY_COMMAND` prints, such as a command that asks the keyring of the operating system, else those of the
 * file `vault.key` in the state directory (one a line), which is made where there is none, readable by its owner only.
 *
 * @throws {SealwatchError} `SECRET_KEY_INVALID`
 */
export function readVaultKeys(stateDir: string, env: Env, random: Random): VaultKeys {
  const source = givenKeySource(env);
  if (source !== undefined) return decodeAll(readGiven(source, env).trim().split(/[,\n]/), source);
  const file = vaultKeyFile(stateDir);
  try {
    // `wx`: of two processes that find none, one makes it and the other reads it.
    writeFileSync(file, encode([newKey(random)]), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unreadable(file, error);
  }
  return decodeAll(readLines(file), file);
}

type KeySource = 'SEALWATCH_KEY' | 'SEALWATCH_KEY_COMMAND';

/** Returns the variable that says what the key is; `undefined` where it is in the file. @throws {SealwatchError} `SECRET_KEY_INVALID` */
export function givenKeySource(env: Env): KeySource | undefined {
  const isGiven = (name: KeySource): boolean => (env[name] ?? '') !== '';
  const [first, second] = (['SEALWATCH_KEY', 'SEALWATCH_KEY_COMMAND'] as const).filter(isGiven);
  if (second !== undefined)
    throw new SealwatchError('SECRET_KEY_INVALID', `${first ?? ''} and ${second} are both set: unset one of the two`);
  return first;
}

/** A keyring may ask its owner first. */
const COMMAND_TIMEOUT_MS = 60_000;

/** What the command prints is in no message. */
function readGiven(source: KeySource, env: Env): string {
  const given = env[source] ?? '';
  if (source === 'SEALWATCH_KEY') return given;
  try {
    return execSync(given, {
      encoding: 'utf8',
      env,
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: 64 * 1024,
      stdio: ['ignore', 'pipe', 'inherit'],
      windowsHide: true,
    });
  } catch (error) {
    const { status } = error as { status?: number | null };
    const how = typeof status === 'number' ? `exit code ${status}` : `no answer in ${COMMAND_TIMEOUT_MS / 1_000} s`;
    throw new SealwatchError('SECRET_KEY_INVALID', `the command of ${source} failed (${how})`);
  }
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
