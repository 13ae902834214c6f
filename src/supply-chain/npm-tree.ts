import { isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { ABSENT, type Evidence, present, unknown } from '../model/package-facts.js';
import { dependenciesOf } from './npm-manifest.js';
import { type NpmRegistry, whyNot } from './npm-registry.js';

/** The largest tree of a real server has 980 packages. */
const MAX_PACKAGES = 2_000;

/** A tree that takes longer was not walked. */
const MAX_MS = 60_000;

/** How many are asked for at a time. */
const AT_ONCE = 12;

/**
 * Returns how many packages npm would install with one, and which of them run scripts then: what the registry says of each, and nobody
 * fetches their bytes. Where one of them cannot be told, nothing is said of the whole. Ranges are resolved one by one, so that a tree that is
 * installed can be smaller.
 */
export async function treeOf(registry: NpmRegistry, manifest: JsonObject): Promise<Evidence<JsonValue>> {
  const startedAt = performance.now();
  const seen = new Map<string, boolean>();
  let wanted = specsOf(manifest);
  const asked = new Set(wanted);
  try {
    while (wanted.length > 0) {
      if (asked.size > MAX_PACKAGES) return unknown(`more than ${MAX_PACKAGES} packages are installed with it`);
      if (performance.now() - startedAt > MAX_MS)
        return unknown('it took too long to look at what is installed with it');
      const [now, later] = [wanted.slice(0, AT_ONCE), wanted.slice(AT_ONCE)];
      const found = await Promise.all(now.map(async (spec) => await registry.manifestOf(spec)));
      for (const one of found) seen.set(nameOf(one), runsScripts(one));
      const next = found.flatMap(specsOf).filter((spec) => !asked.has(spec));
      for (const spec of next) asked.add(spec);
      wanted = [...later, ...new Set(next)];
    }
  } catch (error) {
    const why = whyNot(error);
    return why.kind === 'unknown' && why.isPassing !== true
      ? unknown('something that is installed with it is no package of a registry, or is not there')
      : why;
  }
  if (seen.size === 0) return ABSENT;
  const scripts = [...seen].flatMap(([name, runs]) => (runs ? [name] : [])).sort();
  return present({ packages: seen.size, withInstallScripts: scripts });
}

function specsOf(manifest: JsonObject): readonly string[] {
  const peers = memberOf(manifest, 'peerDependencies');
  const optional = memberOf(manifest, 'peerDependenciesMeta');
  const needed = (isJsonObject(peers) ? Object.entries(peers) : []).filter(
    ([name]) => memberOf(memberOf(optional, name), 'optional') !== true,
  );
  // What is no text is no range, and is asked for as one that no registry has.
  return [...dependenciesOf(manifest), ...needed].map(
    ([name, range]) => `${name}@${typeof range === 'string' ? range : '/'}`,
  );
}

function nameOf(manifest: JsonObject): string {
  return `${stringMember(manifest, 'name') ?? ''}@${stringMember(manifest, 'version') ?? ''}`;
}

/** The registry's word, or what its list of scripts says: one of the two is enough. */
function runsScripts(manifest: JsonObject): boolean {
  if (memberOf(manifest, 'hasInstallScript') === true || memberOf(manifest, 'gypfile') === true) return true;
  const scripts = memberOf(manifest, 'scripts');
  return ['preinstall', 'install', 'postinstall'].some((name) => memberOf(scripts, name) !== undefined);
}
