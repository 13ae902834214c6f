import { SealwatchError } from '../errors.js';
import { isJsonArray, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import { ABSENT, type Evidence, type EvidenceName, type PackageFacts, present } from '../model/package-facts.js';
import { ADVISORY_SEVERITIES, type PackagePolicy } from '../model/policy.js';

/**
 * What is approved of a package, together with where its server comes from. Not what is told later about the same bytes: that it was
 * deprecated, or that somebody found a hole in it, makes it no other package.
 */
const RECORDED = [
  'source',
  'files',
  'signature',
  'provenance',
  'publisher',
  'maintainers',
  'publishedAt',
  'installScripts',
  'dependencies',
  'executable',
  'lockfile',
] as const satisfies readonly EvidenceName[];

/**
 * Returns the facts about a package as they are approved. What a source cannot tell at all is not in it, so that only what is told makes a
 * difference; what it says that there is none of is `none`.
 *
 * @throws {SealwatchError} `PACKAGE_UNREACHED` where whoever would know could not be asked: that is no change, and no answer.
 */
export function toRecorded(facts: PackageFacts, policy?: PackagePolicy): JsonObject {
  const named = {
    version: facts.resolved,
    integrity: facts.integrity,
    ...recordedOf(facts),
    ...askedAbout(facts, policy),
  };
  const told = Object.entries(named).flatMap(([name, evidence]) => {
    const value = valueOf(name, evidence);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...(facts.purl === undefined ? {} : { name: nameIn(facts.purl) }), ...Object.fromEntries(told) };
}

function recordedOf({ evidence }: PackageFacts): Readonly<Record<string, Evidence<JsonValue>>> {
  return Object.fromEntries(RECORDED.map((name) => [name, evidence[name]]));
}

/**
 * What moves by itself is recorded only as far as the policy asks: who is installed with it and runs scripts, and whether there is an advisory that is
 * too bad.
 */
function askedAbout(
  { evidence }: PackageFacts,
  policy: PackagePolicy | undefined,
): Readonly<Record<string, Evidence<JsonValue>>> {
  const { dependencyTree, advisories } = evidence;
  const maximum = policy?.maximumSeverity;
  return {
    ...(policy?.forbidInstallScripts === true ? { scriptsInTree: scriptsIn(dependencyTree) } : {}),
    ...(maximum === undefined ? {} : { advisories: comparedWith(maximum, advisories) }),
  };
}

function scriptsIn(tree: Evidence<JsonValue>): Evidence<JsonValue> {
  if (tree.kind !== 'present') return tree;
  const names = memberOf(tree.value, 'withInstallScripts');
  return isJsonArray(names) && names.length > 0 ? present(names) : ABSENT;
}

function comparedWith(
  maximum: NonNullable<PackagePolicy['maximumSeverity']>,
  advisories: Evidence<JsonValue>,
): Evidence<JsonValue> {
  if (advisories.kind === 'absent') return present('within');
  if (advisories.kind !== 'present') return advisories;
  const limit = maximum === 'none' ? -1 : ADVISORY_SEVERITIES.indexOf(maximum);
  const list = isJsonArray(advisories.value) ? advisories.value : [];
  const ranks = list.map((one) => ADVISORY_SEVERITIES.findIndex((severity) => severity === memberOf(one, 'severity')));
  return present(ranks.some((rank) => rank > limit) ? 'beyond' : 'within');
}

function valueOf(name: string, evidence: Evidence<JsonValue>): JsonValue | undefined {
  switch (evidence.kind) {
    case 'present':
      return evidence.value;
    case 'absent':
      return 'none';
    case 'contradicts':
      return { contradicts: evidence.why };
    case 'unknown':
      if (evidence.isPassing === true)
        throw new SealwatchError('PACKAGE_UNREACHED', `the ${name} of its package could not be told: ${evidence.why}`);
      return undefined;
  }
}

/** The version has a member of its own. */
function nameIn(purl: string): string {
  return purl.replace(/(?<=.)@[^@/?]*(?=\?|$)/, '');
}
