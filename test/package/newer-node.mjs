import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { mustRun } from './command.mjs';

/**
 * The newest Node with whose headers a native module can be built that uses `node::ObjectWrap`, as the store's does. With those of 24.20.0 and
 * 24.21.0 each object of such a module has a hook for the end of the environment, and the process aborts when one is collected.
 */
const VERSION = '24.18.0';

/** Installs the newer Node from the npm registry, and returns its program and the folder of its headers. */
export async function installNewerNode(folder) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  await mustRun('npm', ['install', '--no-audit', '--no-fund', `node@${VERSION}`], { cwd: folder });
  const program = join(folder, 'node_modules', 'node', 'bin', 'node');
  const { stdout } = await mustRun(program, ['--version'], { cwd: folder });
  assert.equal(stdout, `v${VERSION}\n`);
  return { program, headers: findHeaders(folder) };
}

/** The package of this platform carries the whole distribution; npm puts it beside the package that asks for it or into that. */
function findHeaders(folder) {
  const places = [join(folder, 'node_modules'), join(folder, 'node_modules', 'node', 'node_modules')];
  const packages = places.filter(existsSync).flatMap((place) => readdirSync(place).map((name) => join(place, name)));
  return packages.find((path) => existsSync(join(path, 'include', 'node', 'node.h')));
}

/**
 * Builds the native module of the project for the newer Node. Where there are no headers, or it cannot be built, that is an error: then the
 * program was not run on that Node, and nobody may read that it was.
 */
export async function rebuildFor({ program, headers }, project) {
  assert.notEqual(headers, undefined, 'not run on the newer Node: its package has no headers to build the store with');
  const env = { PATH: `${join(program, '..')}:${process.env.PATH ?? ''}`, npm_config_nodedir: headers };
  await mustRun('npm', ['rebuild', 'better-sqlite3'], { cwd: project, env });
}
