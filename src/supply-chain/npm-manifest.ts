import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { ABSENT, contradicts, type Evidence, type EvidenceName, present, unknown } from '../model/package-facts.js';
import type { Tarball } from './read-tarball.js';

/** What npm runs by itself when it installs a package from a registry. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'];

/** Returns what a registry says about a version, without any check: it is the registry's word. */
export function registryWord(
  packument: JsonObject,
  manifest: JsonObject,
): Pick<Record<EvidenceName, Evidence<JsonValue>>, Word> {
  return {
    publishedAt: publishedAt(packument, manifest),
    publisher: publisher(manifest),
    maintainers: maintainers(packument, manifest),
    deprecated: said(memberOf(manifest, 'deprecated'), ABSENT),
    repository: repository(manifest),
    licence: said(memberOf(manifest, 'license'), ABSENT),
  };
}

type Word = 'publishedAt' | 'publisher' | 'maintainers' | 'deprecated' | 'repository' | 'licence';

/** As the registry gives it. Mirrors may have times of their own, so nothing is ordered by them. */
function publishedAt(packument: JsonObject, manifest: JsonObject): Evidence<JsonValue> {
  const time = stringMember(memberOf(packument, 'time'), stringMember(manifest, 'version') ?? '');
  const at = Date.parse(time ?? '');
  if (Number.isNaN(at)) return unknown('the registry gives no time for this version');
  return present(new Date(at).toISOString());
}

function publisher(manifest: JsonObject): Evidence<JsonValue> {
  const user = memberOf(manifest, '_npmUser');
  const name = stringMember(user, 'name');
  if (name === undefined) return unknown('this registry does not say who published it');
  const trusted = stringMember(memberOf(user, 'trustedPublisher'), 'id');
  return present(trusted === undefined ? { name } : { name, trustedPublisher: trusted });
}

/** Those of the version, as npm wrote them when it was published; else those of the package. */
function maintainers(packument: JsonObject, manifest: JsonObject): Evidence<JsonValue> {
  const list = memberOf(manifest, 'maintainers') ?? memberOf(packument, 'maintainers');
  if (!isJsonArray(list)) return unknown('this registry does not say who maintains it');
  const names = list.flatMap((one) => (typeof one === 'string' ? one : (stringMember(one, 'name') ?? [])));
  return names.length === 0 ? ABSENT : present([...new Set(names)].sort());
}

function repository(manifest: JsonObject): Evidence<JsonValue> {
  const value = memberOf(manifest, 'repository');
  return said(typeof value === 'string' ? value : stringMember(value, 'url'), ABSENT);
}

function said(value: JsonValue | undefined, otherwise: Evidence<never>): Evidence<JsonValue> {
  return typeof value === 'string' && value !== '' ? present(value) : otherwise;
}

/** Returns what the bytes of a version say, and where the registry says otherwise (manifest confusion). */
export function bytesSay(
  manifest: JsonObject,
  tarball: Tarball,
): Pick<Record<EvidenceName, Evidence<JsonValue>>, 'installScripts' | 'dependencies'> {
  const inside = tarball.manifest;
  if (!isJsonObject(inside)) {
    const none = contradicts('there is no package.json in the package');
    return { installScripts: none, dependencies: none };
  }
  const same = ['name', 'version'].every((name) => stringMember(inside, name) === stringMember(manifest, name));
  if (!same) {
    const other = contradicts('the package.json in it has another name or version');
    return { installScripts: other, dependencies: other };
  }
  return {
    installScripts: installScripts(inside, tarball.hasBindingGyp),
    dependencies: dependencies(manifest, inside),
  };
}

function installScripts(inside: JsonObject, hasBindingGyp: boolean): Evidence<JsonValue> {
  const scripts = memberOf(inside, 'scripts');
  const own = INSTALL_SCRIPTS.flatMap((name) => {
    const script = stringMember(scripts, name);
    return script === undefined ? [] : [[name, script] as const];
  });
  const isBuilt = hasBindingGyp && !own.some(([name]) => name === 'install' || name === 'preinstall');
  const all = isBuilt ? [...own, ['install', 'node-gyp rebuild'] as const] : own;
  return all.length === 0 ? ABSENT : present(Object.fromEntries(all));
}

/** Attack: a registry that lists other dependencies than the package has. npm installs those that are listed. */
function dependencies(manifest: JsonObject, inside: JsonObject): Evidence<JsonValue> {
  const listed = dependenciesOf(manifest);
  if (JSON.stringify(listed) !== JSON.stringify(dependenciesOf(inside)))
    return contradicts('the registry lists other dependencies than the package has');
  return listed.length === 0 ? ABSENT : present(Object.fromEntries(listed));
}

/** Returns the direct dependencies by name; an optional one goes before one of the same name. */
export function dependenciesOf(manifest: JsonValue): readonly (readonly [string, JsonValue])[] {
  const merged = new Map(
    ['dependencies', 'optionalDependencies'].flatMap((group) => {
      const value = memberOf(manifest, group);
      return isJsonObject(value) ? Object.entries(value) : [];
    }),
  );
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
}
