import type { Policy } from '../model/policy.js';
import { parseDays, parseDuration } from './parse-schedule.js';
import type { Problems } from './problems.js';
import type { PackagePolicyEntry } from './schema.js';

/** Returns what is asked of packages; nothing where the section is not there. */
export function toPackagePolicy(entry: PackagePolicyEntry | undefined, problems: Problems): Pick<Policy, 'packages'> {
  if (entry === undefined) return {};
  const { minimumAge, requireProvenance: built, allowedRegistries } = entry;
  const path = ['policy', 'packages', 'minimumAge'];
  return {
    packages: {
      requirePinned: entry.requirePinned ?? false,
      minimumAgeMs: minimumAge === undefined ? undefined : problems.attempt(path, () => parseAge(minimumAge)),
      requireProvenance: built === true ? {} : built,
      forbidInstallScripts: entry.forbidInstallScripts ?? false,
      allowedRegistries: allowedRegistries?.map(toRegistry),
      maximumSeverity: entry.maximumSeverity,
    },
  };
}

/** Behind one host can be the registries of many: the path counts. */
function toRegistry(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

function parseAge(text: string): number {
  return text.endsWith('d') ? parseDays(text) : parseDuration(text);
}
