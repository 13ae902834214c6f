import { open, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

import { SealwatchError } from '../errors.js';
import { parseJson } from '../integrity/parse-json.js';
import { isJsonObject, type JsonValue, memberOf } from '../model/json.js';
import { quote } from '../quote.js';
import { codeIn } from './npm-registry.js';

/** How the program of an installed package is started, without its arguments. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Returns the program that `npx` would run of an installed package: its only one, or the one that has its name.
 *
 * @throws {SealwatchError} `PACKAGE_NOT_INSTALLED` where it has none of the kind.
 */
export async function programOf(folder: string, name: string): Promise<Program> {
  try {
    return await findProgram(folder, name);
  } catch (cause) {
    // Attack: a publisher whose manifest no strict reader takes must not stop the version that runs.
    const why =
      cause instanceof SealwatchError ? cause.message : `its files are not as they should be (${codeIn(cause)})`;
    throw new SealwatchError('PACKAGE_NOT_INSTALLED', `${quote(name, 120)} has no program: ${why}`, { cause });
  }
}

async function findProgram(folder: string, name: string): Promise<Program> {
  const home = join(folder, 'node_modules', name);
  const manifest = parseJson(await readFile(join(home, 'package.json'), 'utf8'), { maxDepth: 100 }).value;
  const file = await realpath(join(home, binOf(manifest, name)));
  if (!file.startsWith(join(await realpath(folder), 'node_modules', sep)))
    throw new SealwatchError('PACKAGE_NOT_INSTALLED', 'it lies outside of what is installed');
  // By our own Node: an isolated start finds no other, and Windows reads no first line.
  return (await isForNode(file)) ? { command: process.execPath, args: [file] } : { command: file, args: [] };
}

function binOf(manifest: JsonValue, name: string): string {
  const bin = memberOf(manifest, 'bin');
  if (typeof bin === 'string') return bin;
  const programs = isJsonObject(bin) ? Object.entries(bin) : [];
  const own = name.replace(/^@[^/]*\//, '');
  const [, file] = (programs.length === 1 ? programs[0] : programs.find(([program]) => program === own)) ?? [];
  if (typeof file === 'string') return file;
  throw new SealwatchError('PACKAGE_NOT_INSTALLED', 'none has its name');
}

async function isForNode(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FIRST_LINE), 0, FIRST_LINE, 0);
    const [line = ''] = buffer.toString('utf8', 0, bytesRead).split('\n');
    return line.startsWith('#!') ? /\bnode\b/.test(line) : /\.[cm]?js$/.test(file);
  } finally {
    await handle.close();
  }
}

const FIRST_LINE = 256;
