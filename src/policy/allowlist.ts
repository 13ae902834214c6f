import semver from 'semver';

import type { AllowedOrigin, AllowedPackage, Allowlist } from '../model/allowlist.js';
import { quote } from '../quote.js';
import { isExactVersion } from './identify-launch.js';
import type { LaunchIdentity } from './launch-identity.js';

/** Returns the entry that allows an address; `undefined` where none does. */
export function allowedOrigin({ origins }: Pick<Allowlist, 'origins'>, url: URL): AllowedOrigin | undefined {
  return origins.find((origin) => covers(origin, url));
}

function covers(origin: AllowedOrigin, url: URL): boolean {
  return (
    url.protocol === origin.protocol &&
    url.username === '' &&
    url.password === '' &&
    isHost(origin, url.hostname.replace(/^\[|\]$/g, '')) &&
    (origin.port === undefined || portOf(url) === origin.port) &&
    isBelow(url.pathname, origin.path)
  );
}

function isHost({ host, isWildcard }: AllowedOrigin, name: string): boolean {
  if (!isWildcard) return name === host;
  const label = name.slice(0, -host.length - 1);
  return name.endsWith(`.${host}`) && label !== '' && !label.includes('.');
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/**
 * Whole segments count. What a server may read as a slash, a dot or the end of a segment is refused, since it would end up elsewhere:
 * encoded once or twice, overlong (`%c0%ae`), or as a parameter (`..;`).
 */
function isBelow(path: string, prefix: string): boolean {
  if (prefix === '') return true;
  if (/;|%(?:2f|5c|2e|3b|25|00|c0|c1|e0%80)/i.test(path)) return false;
  return path === prefix || path.startsWith(`${prefix}/`);
}

/** The answer on something that is to be started. */
export type LaunchAnswer =
  | { readonly kind: 'allowed' }
  /** It is allowed if this file has one of these digests. */
  | { readonly kind: 'if-digest'; readonly sha256: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Says whether something may be started.
 *
 * @param file absolute path, with links resolved, of an executable; `undefined` where it is none or was not found.
 */
export function mayStart(list: Allowlist, identity: LaunchIdentity, file: string | undefined): LaunchAnswer {
  switch (identity.kind) {
    case 'package':
      return mayRunPackage(list.packages, identity);
    case 'image':
      return mayRunImage(list, identity);
    case 'executable':
      return mayRunFile(list, identity, file);
    case 'unknown':
      return refused(`it cannot be told what it runs: ${identity.why}`);
  }
}

type PackageIdentity = Extract<LaunchIdentity, { kind: 'package' }>;

function mayRunPackage(packages: readonly AllowedPackage[], identity: PackageIdentity): LaunchAnswer {
  const { type, name, requested } = identity;
  const named = packages.filter((one) => one.type === type && one.name === name);
  const shown = quote(`pkg:${type}/${name}`, 120);
  if (named.length === 0) return refused(`${shown} is not on it`);
  if (named.some(({ version }) => version === undefined)) return { kind: 'allowed' };
  const versions = named.map(({ version }) => version).join(', ');
  if (requested === undefined || !isExactVersion(type, requested))
    return refused(`${shown} is on it as ${quote(versions)}, and the command does not ask for one exact version`);
  return named.some((one) => isVersion(one, requested))
    ? { kind: 'allowed' }
    : refused(`${shown} is on it as ${quote(versions)}, and the command asks for ${quote(requested, 60)}`);
}

function isVersion({ type, version = '' }: AllowedPackage, requested: string): boolean {
  return type === 'npm' ? semver.satisfies(requested, version) : requested === version;
}

function mayRunImage(
  { images }: Allowlist,
  { repository, digest }: Extract<LaunchIdentity, { kind: 'image' }>,
): LaunchAnswer {
  const shown = quote(repository, 120);
  if (digest === undefined) return refused(`the image ${shown} is not named by its digest (@sha256:…)`);
  return images.some((one) => one.repository === repository && one.digest === digest)
    ? { kind: 'allowed' }
    : refused(`the image ${shown}@${digest.slice(0, 19)}… is not on it`);
}

function mayRunFile(
  { executables }: Allowlist,
  identity: Extract<LaunchIdentity, { kind: 'executable' }>,
  file: string | undefined,
): LaunchAnswer {
  const what = identity.isScript ? 'the script' : 'the program';
  if (file === undefined) return refused(`${what} ${quote(identity.file, 120)} was not found`);
  const named = executables.filter(({ path }) => path === file);
  if (named.length === 0) return refused(`${what} ${quote(file, 160)} is not on it`);
  return { kind: 'if-digest', sha256: named.map(({ sha256 }) => sha256) };
}

function refused(why: string): LaunchAnswer {
  return { kind: 'refused', why };
}
