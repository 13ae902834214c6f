import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { SealwatchError } from '../errors.js';
import type { Allowlist, Network } from '../model/allowlist.js';
import type { Launch } from '../model/server.js';
import { allowedOrigin, mayStart } from '../policy/allowlist.js';
import { identifyLaunch, toolByPath } from '../policy/identify-launch.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import { quote } from '../quote.js';
import { childEnvironment } from './child-environment.js';

/**
 * Returns where the host of an address may resolve to.
 *
 * @throws {SealwatchError} `CONNECT_NOT_ALLOWED` where there is an allowlist and the address is not on it.
 */
export function checkUrl(url: URL, allowlist: Allowlist | undefined, network: Network): Network {
  if (allowlist === undefined) return network;
  const entry = allowedOrigin(allowlist, url);
  if (entry !== undefined) return entry.network;
  throw notAllowed(`${quote(`${url.origin}${url.pathname}`, 160)} is not on it`);
}

/**
 * Checks what a command will run against the allowlist.
 *
 * @throws {SealwatchError} `CONNECT_NOT_ALLOWED`; nothing was started.
 */
export async function checkLaunch(launch: Launch, allowlist: Allowlist | undefined): Promise<void> {
  if (allowlist === undefined) return;
  await checkTool(launch.command);
  const identity = identifyLaunch(launch);
  const file = identity.kind === 'executable' ? await findFile(identity, launch) : undefined;
  const answer = mayStart(allowlist, identity, file);
  if (answer.kind === 'refused') throw notAllowed(answer.why);
  if (answer.kind === 'allowed' || file === undefined) return;
  const digest = await digestOf(file);
  if (!answer.sha256.includes(digest))
    throw notAllowed(`${quote(file, 160)} is on it with another content: its SHA-256 is ${digest} now`);
}

/**
 * A runner or interpreter that is named by its path has to be the one that its name alone would find, or our own Node: anything may
 * lie under another path.
 */
async function checkTool(command: string): Promise<void> {
  const name = toolByPath(command);
  if (name === undefined) return;
  const given = await existing(command, constants.X_OK);
  const known = await Promise.all([
    findFile({ kind: 'executable', file: name, isScript: false }, { cwd: '/', env: {} }),
    realpath(process.execPath),
  ]);
  if (given === undefined || !known.includes(given))
    throw notAllowed(`${quote(command, 160)} is not the ${name} of this machine: name it without a path`);
}

function notAllowed(why: string): SealwatchError {
  return new SealwatchError('CONNECT_NOT_ALLOWED', `the allowlist does not allow it: ${why}`);
}

/** A program is looked for as the operating system does; a script stands where its interpreter looks for it. */
async function findFile(
  { file, isScript }: Extract<LaunchIdentity, { kind: 'executable' }>,
  { cwd, env }: Pick<Launch, 'cwd' | 'env'>,
): Promise<string | undefined> {
  if (isScript || /[/\\]/.test(file)) return await existing(resolve(cwd, file), constants.R_OK);
  const folders = (childEnvironment(env)['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const found = await existing(join(resolve(cwd, folder), file), constants.X_OK);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function existing(path: string, mode: number): Promise<string | undefined> {
  try {
    await access(path, mode);
    return await realpath(path);
  } catch {
    // Not here, or not for us: the next place is looked at, and in the end it was not found.
    return undefined;
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (cause) {
    throw new SealwatchError(
      'CONNECT_NOT_ALLOWED',
      `cannot read ${quote(file, 160)} to compare it with the allowlist`,
      {
        cause,
      },
    );
  }
  return hash.digest('hex');
}
