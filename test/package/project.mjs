import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { mustRun } from './command.mjs';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** The package file of the repository. */
export const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Packs the product as `npm publish` would, and keeps what npm says of it beside the tarball. */
export async function pack(folder) {
  const { stdout } = await mustRun('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
  writeFileSync(join(folder, 'pack.json'), stdout);
}

/** A real server that somebody might have, in the version that this repository tests with. */
const SERVER = '@modelcontextprotocol/server-sequential-thinking';

/** Installs the tarball into an empty project, with a server, the types of Node, and nothing else. */
export async function install(project, tarball) {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const others = [SERVER, '@types/node'].map((name) => `${name}@${PACKAGE.devDependencies[name]}`);
  const args = ['install', '--no-audit', '--no-fund', tarball, ...others];
  const { stderr } = await mustRun('npm', args, { cwd: project });
  // npm asks about the native module's own build; everything else (a peer, an engine, a deprecated package) would be ours.
  const noise = stderr
    .split('\n')
    .filter((line) => line.startsWith('npm ') && !/^npm warn install-scripts\b/.test(line));
  if (noise.length > 0) throw new Error(`a noisy install:\n${noise.join('\n')}`);
}
