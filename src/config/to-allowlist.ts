import { resolve } from 'node:path';

import semver from 'semver';

import type { AllowedExecutable, AllowedImage, AllowedOrigin, AllowedPackage, Allowlist } from '../model/allowlist.js';
import { isInterpreter, pythonName } from '../policy/identify-launch.js';
import { quote } from '../quote.js';
import type { Problems } from './problems.js';
import type { AllowlistEntry } from './schema.js';

/** Returns what may be connected to or started; `undefined` where there is no allowlist. `folder` is where relative paths start. */
export function toAllowlist(
  entries: readonly AllowlistEntry[] | undefined,
  folder: string,
  problems: Problems,
): Allowlist | undefined {
  if (entries === undefined) return undefined;
  const list = { origins: [], packages: [], executables: [], images: [] } as {
    origins: AllowedOrigin[];
    packages: AllowedPackage[];
    executables: AllowedExecutable[];
    images: AllowedImage[];
  };
  for (const [index, entry] of entries.entries()) {
    const path = ['policy', 'allowlist', index];
    const refuse = (key: string, message: string): void => {
      problems.add({ code: 'CONFIG_INVALID', path: [...path, key], message });
    };
    if ('origin' in entry) list.origins.push(...toOrigin(entry, refuse));
    else if ('package' in entry) list.packages.push(...toPackage(entry.package, refuse));
    else if ('executable' in entry) list.executables.push(...toExecutable(entry, folder, refuse));
    else list.images.push(...toImage(entry.image, refuse));
  }
  return list;
}

type Refuse = (key: string, message: string) => void;

/** One entry, or none where it has a mistake. */
type Read<Entry> = readonly [] | readonly [Entry];

function toOrigin(
  { origin, network = 'public' }: Extract<AllowlistEntry, { origin: string }>,
  refuse: Refuse,
): Read<AllowedOrigin> {
  const [, scheme = '', wildcard, host = '', port, path = ''] =
    /^(https?):\/\/(\*\.)?([^/:*?#@\s]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}|\*))?(\/[^?#*\s]*)?$/i.exec(origin) ?? [];
  const protocol = scheme.toLowerCase() === 'https' ? 'https:' : 'http:';
  const address = `${protocol}//${host}${path}`;
  if (host === '' || !URL.canParse(address)) {
    refuse('origin', 'must be such as https://mcp.example.com, https://*.example.com:8443/mcp or http://localhost:*');
    return [];
  }
  const url = new URL(address);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  if (wildcard !== undefined && (!name.includes('.') || /^[\d.]+$/.test(name))) {
    refuse('origin', `*.${name} would allow a whole top-level domain: write at least *.example.${name}`);
    return [];
  }
  return [
    {
      text: origin,
      protocol,
      host: name,
      isWildcard: wildcard !== undefined,
      port: port === '*' ? undefined : Number(port ?? (protocol === 'https:' ? 443 : 80)),
      path: url.pathname.replace(/\/+$/, ''),
      network,
    },
  ];
}

function toPackage(text: string, refuse: Refuse): Read<AllowedPackage> {
  const [, type, name = '', version] =
    /^pkg:(npm|pypi)\/((?:(?:@|%40)[^/@\s]+\/)?[^/@\s]+)(?:@(\S.*))?$/.exec(text) ?? [];
  if (type !== 'npm' && type !== 'pypi') {
    refuse('package', 'must be such as pkg:npm/@scope/name@1.2.3, pkg:npm/name@^1.2.0 or pkg:pypi/name@1.2.3');
    return [];
  }
  if (type === 'npm' && version !== undefined && semver.validRange(version) === null) {
    refuse('package', `has ${quote(version, 60)}, which is neither a version nor a range`);
    return [];
  }
  if (type === 'pypi' && version !== undefined && !/^\d[\w.!+-]*$/.test(version)) {
    refuse('package', 'needs one exact version, or none: ranges are understood for npm only');
    return [];
  }
  return [{ text, type, name: type === 'npm' ? name.replace(/^%40/, '@') : pythonName(name), version }];
}

function toExecutable(
  { executable, sha256 }: Extract<AllowlistEntry, { executable: string }>,
  folder: string,
  refuse: Refuse,
): Read<AllowedExecutable> {
  if (isInterpreter(executable)) {
    refuse('executable', 'runs any script that it is given: name the script instead, with the SHA-256 of the script');
    return [];
  }
  return [{ path: resolve(folder, executable), sha256: sha256.toLowerCase() }];
}

function toImage(text: string, refuse: Refuse): Read<AllowedImage> {
  const [, repository, digest] = /^([^@\s]+?)(?::[\w.-]+)?@(sha256:[0-9a-f]{64})$/.exec(text) ?? [];
  if (repository !== undefined && digest !== undefined) return [{ repository, digest }];
  refuse('image', 'must be such as registry.example.com/name@sha256:… with the whole digest');
  return [];
}
