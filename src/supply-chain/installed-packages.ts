import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseJson } from '../integrity/parse-json.js';
import { type JsonValue, stringMember } from '../model/json.js';

/** A package that is installed in a folder. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** SRI; `undefined` for what is bundled with another package. */
  readonly integrity: string | undefined;
  /** As its author writes it; `undefined` where none is named. */
  readonly licence: string | undefined;
}

/** Returns what is installed below the `node_modules` of a folder, by the lines that {@link PackageTree} has for it. */
export async function readInstalled(
  folder: string,
  tree: Readonly<Record<string, string>>,
): Promise<readonly InstalledPackage[]> {
  return await Promise.all(
    Object.entries(tree).map(async ([path, line]): Promise<InstalledPackage> => {
      const manifest = await readManifest(join(folder, 'node_modules', path));
      const [version = '', integrity] = line.split(' ');
      return {
        // Attack: a package that calls itself by the name of another. An alias has its name in the lock file.
        name: /^(.+)@[^@]+$/.exec(version)?.[1] ?? path.split('node_modules/').at(-1) ?? path,
        version: version.split('@').at(-1) ?? version,
        integrity: integrity === 'bundled' ? undefined : integrity,
        licence: stringMember(manifest, 'license'),
      };
    }),
  );
}

async function readManifest(folder: string): Promise<JsonValue> {
  try {
    return parseJson(await readFile(join(folder, 'package.json'), 'utf8'), { maxDepth: 100 }).value;
  } catch {
    // One for another system is in the lock file and not installed: of its licence nothing is known.
    return {};
  }
}
