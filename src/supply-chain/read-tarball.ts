import { posix } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { Parser, type ReadEntry } from 'tar';

import { messageOf, SealwatchError } from '../errors.js';
import { parseJson } from '../integrity/parse-json.js';
import type { JsonValue } from '../model/json.js';

/** What the bytes of a package say about it, whatever its registry says. */
export interface Tarball {
  /** `package.json` in it; `undefined` where it has none. */
  readonly manifest: JsonValue | undefined;
  /** npm builds what has a `binding.gyp`, without any script in the manifest. */
  readonly hasBindingGyp: boolean;
}

/** A small file can unpack to one that fills the memory. */
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024;

const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/**
 * Returns what an npm tarball holds. As npm unpacks it: the first folder's name does not matter, and the last of two files counts.
 *
 * @throws {SealwatchError} `PACKAGE_UNREADABLE`.
 */
export async function readTarball(bytes: Uint8Array): Promise<Tarball> {
  try {
    const files = await readFiles(await promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }));
    const text = files.get('package.json');
    return {
      manifest: text === undefined ? undefined : parseJson(text.replace(/^\uFEFF/, ''), { maxDepth: 100 }).value,
      hasBindingGyp: files.has('binding.gyp'),
    };
  } catch (cause) {
    throw new SealwatchError('PACKAGE_UNREADABLE', `the tarball cannot be read: ${messageOf(cause)}`, { cause });
  }
}

async function readFiles(unpacked: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        readEntry(entry, files, reject);
      },
    });
    parser.on('error', reject);
    parser.on('end', resolve);
    parser.write(Buffer.from(unpacked));
    parser.end();
  });
  return files;
}

function readEntry(entry: ReadEntry, files: Map<string, string>, reject: (error: Error) => void): void {
  const name = posix.normalize(entry.path).split('/').slice(1).join('/');
  if (!['package.json', 'binding.gyp'].includes(name)) {
    entry.resume();
    return;
  }
  if (entry.size > MAX_MANIFEST_BYTES) reject(new Error(`${name} has ${entry.size} bytes`));
  const parts: Buffer[] = [];
  entry.on('data', (part) => parts.push(part));
  entry.on('end', () => files.set(name, Buffer.concat(parts).toString('utf8')));
}
