import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import semver from 'semver';

import { type JsonValue, stringMember } from '../model/json.js';
import type { NpmOptions } from './npm-options.js';

/** A copy on this machine that npm runs rather than what the registry has. */
export interface Installed {
  readonly version: string;
  readonly folder: string;
}

/**
 * Returns the copy that is installed in the project or for all, and that npm would run: one of the version that is asked for, within the range,
 * or any where none is asked for. Nobody checked its bytes. A tag is always asked of the registry.
 */
export async function findInstalled(
  name: string,
  requested: string | undefined,
  { project, flat }: NpmOptions,
): Promise<Installed | undefined> {
  for (const root of [project, globalFolder(flat)]) {
    const folder = join(root, 'node_modules', name);
    const version = await versionIn(folder);
    if (version !== undefined && isTaken(version, requested)) return { version, folder };
  }
  return undefined;
}

function isTaken(version: string, requested: string | undefined): boolean {
  if (requested === undefined) return true;
  return semver.validRange(requested) !== null && semver.satisfies(version, requested);
}

function globalFolder(flat: NpmOptions['flat']): string {
  const prefix = flat['globalPrefix'];
  const root = typeof prefix === 'string' ? prefix : '';
  return process.platform === 'win32' ? root : join(root, 'lib');
}

async function versionIn(folder: string): Promise<string | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as JsonValue;
    return stringMember(manifest, 'version');
  } catch {
    // Not installed there, or not so that npm could run it.
    return undefined;
  }
}
