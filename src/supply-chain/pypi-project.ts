import { compare, maxSatisfying, valid, validRange } from '@renovatebot/pep440';
import { z } from 'zod';

import { pythonName } from '../policy/identify-launch.js';

/** One file of a project, as an index lists it. What it leaves out is not the same as what it denies. */
const fileSchema = z.object({
  filename: z.string(),
  url: z.string(),
  hashes: z.record(z.string(), z.string()),
  yanked: z.union([z.boolean(), z.string()]).optional(),
  'upload-time': z.string().optional(),
  provenance: z.string().nullish(),
  'core-metadata': z.union([z.boolean(), z.record(z.string(), z.string())]).optional(),
});

const projectSchema = z.object({
  name: z.string(),
  files: z.array(fileSchema),
  'project-status': z.object({ status: z.string().optional(), reason: z.string().optional() }).optional(),
});

export type IndexedFile = z.infer<typeof fileSchema>;

/** What an index says of one project (PEP 691). */
export interface IndexedProject {
  /** By version, in the order of PEP 440, oldest first. */
  readonly versions: ReadonlyMap<string, readonly IndexedFile[]>;
  /** PEP 792; `undefined` where the index says nothing of it. */
  readonly status: { readonly status?: string | undefined; readonly reason?: string | undefined } | undefined;
}

/** Reads the answer of an index; `undefined` where it is none, or is about another project. */
export function readProject(body: Buffer, name: string): IndexedProject | undefined {
  const { success, data } = projectSchema.safeParse(parse(body));
  if (!success || pythonName(data.name) !== name) return undefined;
  const dated = data.files.flatMap((file) => {
    const version = versionOf(file.filename, name);
    return version === undefined ? [] : [[version, file] as const];
  });
  const versions = [...new Set(dated.map(([version]) => version))].sort(compare);
  const filesOf = (wanted: string): readonly IndexedFile[] =>
    dated.filter(([version]) => version === wanted).map(([, file]) => file);
  return {
    versions: new Map(versions.map((version) => [version, filesOf(version)])),
    status: data['project-status'],
  };
}

/**
 * Returns the version that an installer takes: that which is asked for exactly, else the newest by PEP 440 that is neither yanked nor
 * a pre-release. Times say nothing about the order: mirrors have them wrong.
 */
export function chooseVersion({ versions }: IndexedProject, requested: string | undefined): string | undefined {
  const all = [...versions.keys()];
  if (requested !== undefined && valid(requested) !== null) return all.find((one) => compare(one, requested) === 0);
  if (requested !== undefined && requested !== 'latest' && !validRange(requested)) return undefined;
  const range = requested === undefined || requested === 'latest' ? '' : requested;
  const offered = all.filter((version) => !isYanked(versions.get(version) ?? []));
  return maxSatisfying(offered, range) ?? maxSatisfying(offered, range, { prereleases: true }) ?? undefined;
}

/** PEP 592: a version is yanked where all of its files are. */
function isYanked(files: readonly IndexedFile[]): boolean {
  return files.every(({ yanked }) => yanked !== undefined && yanked !== false);
}

export function isWheel({ filename }: IndexedFile): boolean {
  return filename.endsWith('.whl');
}

/** `name-version-….whl` and `name-version.tar.gz`. Attack: a file of another project, or of another version, in the list. */
function versionOf(filename: string, name: string): string | undefined {
  const stem = /^(.+)(?:\.whl|\.tar\.gz|\.zip)$/.exec(filename)?.[1]?.split('-') ?? [];
  const isBuilt = filename.endsWith('.whl');
  for (let count = 1; count < stem.length; count++) {
    const version = isBuilt ? stem[count] : stem.slice(count).join('-');
    if (pythonName(stem.slice(0, count).join('-')) === name && version !== undefined)
      return valid(version) ?? undefined;
  }
  return undefined;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // Some page, such as that of a proxy: no answer of an index.
    return undefined;
  }
}
