import type { Decision, Reason } from '../model/decision.js';
import { isJsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { PackagePolicy } from '../model/policy.js';
import type { Snapshot } from '../model/snapshot.js';
import { quote } from '../quote.js';

/**
 * Returns the decisions with every `allow` of a server that we start turned into `hold` where its package is not as the policy asks for. No
 * approval lifts that: what is asked for is met, or the policy is changed.
 */
export function holdPackage(
  decisions: readonly Decision[],
  { definitions }: Pick<Snapshot, 'definitions'>,
  policy: PackagePolicy | undefined,
  now: Date,
): readonly Decision[] {
  const reasons = packageRefusalsOf({ definitions }, policy, now).map(
    (message): Reason => ({ code: 'PACKAGE_POLICY', message }),
  );
  if (reasons.length === 0) return decisions;
  return decisions.map((decision) => {
    const { verdict } = decision;
    return verdict === 'allow'
      ? { ...decision, verdict: 'hold', reasons }
      : { ...decision, reasons: [...decision.reasons, ...reasons] };
  });
}

/** Returns what the policy asks of the package of a server that we start, and that is not met, a sentence for each. */
export function packageRefusalsOf(
  { definitions }: Pick<Snapshot, 'definitions'>,
  policy: PackagePolicy | undefined,
  now: Date,
): readonly string[] {
  const provenance = definitions.find(({ ref }) => ref.kind === 'provenance')?.value;
  if (policy === undefined || memberOf(provenance, 'command') === undefined) return [];
  return packageRefusals(memberOf(provenance, 'package'), policy, now);
}

/**
 * Returns what a policy asks for that a recorded package does not meet, a sentence for each. What is not told is not met, and the sentence
 * says that it is not told.
 */
export function packageRefusals(recorded: JsonValue | undefined, policy: PackagePolicy, now: Date): readonly string[] {
  return [
    isPinned(recorded, policy),
    isOldEnough(recorded, policy, now),
    isBuiltAsAsked(recorded, policy),
    isWithoutScripts(recorded, policy),
    isFromAllowed(recorded, policy),
    isWithinSeverity(recorded, policy),
  ].filter((sentence) => sentence !== undefined);
}

/** Returns from when on a package is old enough, ISO 8601; `undefined` where that is no question of time. */
export function oldEnoughFrom(
  { definitions }: Pick<Snapshot, 'definitions'>,
  policy: PackagePolicy | undefined,
): string | undefined {
  const provenance = definitions.find(({ ref }) => ref.kind === 'provenance')?.value;
  const publishedAt = Date.parse(stringMember(memberOf(provenance, 'package'), 'publishedAt') ?? '');
  if (policy?.minimumAgeMs === undefined || Number.isNaN(publishedAt)) return undefined;
  return new Date(publishedAt + policy.minimumAgeMs).toISOString();
}

type Sentence = string | undefined;

function isPinned(recorded: JsonValue | undefined, { requirePinned }: PackagePolicy): Sentence {
  if (!requirePinned || memberOf(recorded, 'isPinned') === true) return undefined;
  return 'the command asks for no exact version, and requirePinned is set';
}

function isOldEnough(recorded: JsonValue | undefined, { minimumAgeMs }: PackagePolicy, now: Date): Sentence {
  if (minimumAgeMs === undefined) return undefined;
  const text = stringMember(recorded, 'publishedAt');
  const publishedAt = Date.parse(text ?? '');
  if (Number.isNaN(publishedAt)) return 'nobody tells when the package was published, and minimumAge is set';
  if (now.getTime() - publishedAt >= minimumAgeMs) return undefined;
  return `the package was published at ${quote(text ?? '', 40)}, which is later than minimumAge allows`;
}

function isBuiltAsAsked(recorded: JsonValue | undefined, { requireProvenance }: PackagePolicy): Sentence {
  if (requireProvenance === undefined) return undefined;
  const built = memberOf(recorded, 'provenance');
  const repository = stringMember(built, 'repository');
  const workflow = stringMember(built, 'workflow');
  if (repository === undefined || workflow === undefined)
    return built === 'none'
      ? 'nobody attests what the package was built from, and requireProvenance is set'
      : 'it could not be told what the package was built from, and requireProvenance is set';
  const { repository: wanted = repository, workflow: file } = requireProvenance;
  const isSame = repository === wanted && (file === undefined || workflow === file || workflow === `${wanted}/${file}`);
  return isSame ? undefined : `the package was built by ${quote(workflow, 160)}, which requireProvenance does not name`;
}

/** Those of the package itself and of everything that is installed with it. */
function isWithoutScripts(recorded: JsonValue | undefined, { forbidInstallScripts }: PackagePolicy): Sentence {
  if (!forbidInstallScripts) return undefined;
  const [own, others] = [memberOf(recorded, 'installScripts'), memberOf(recorded, 'scriptsInTree')];
  if (own === 'none' && others === 'none') return undefined;
  const isTold = (value: JsonValue | undefined): boolean => value !== undefined && value !== 'none';
  if (isTold(own)) return 'the package runs scripts when it is installed, and forbidInstallScripts is set';
  if (isTold(others))
    return `what is installed with the package runs scripts, and forbidInstallScripts is set: ${quote(JSON.stringify(others), 160)}`;
  return 'it could not be told whether scripts are run when the package is installed, and forbidInstallScripts is set';
}

function isFromAllowed(recorded: JsonValue | undefined, { allowedRegistries }: PackagePolicy): Sentence {
  if (allowedRegistries === undefined) return undefined;
  const source = memberOf(recorded, 'source');
  const origins = isJsonObject(source) ? Object.values(source) : [];
  if (origins.length === 0)
    return 'it could not be told which registry the package is from, and allowedRegistries is set';
  const foreign = origins
    .map((origin) => (typeof origin === 'string' ? origin : ''))
    .find((origin) => !allowedRegistries.some((allowed) => origin === allowed || origin.startsWith(`${allowed}/`)));
  return foreign === undefined
    ? undefined
    : `the package is from ${quote(foreign, 160)}, which allowedRegistries does not name`;
}

function isWithinSeverity(recorded: JsonValue | undefined, { maximumSeverity }: PackagePolicy): Sentence {
  if (maximumSeverity === undefined) return undefined;
  const found = memberOf(recorded, 'advisories');
  if (found === 'within') return undefined;
  return found === 'beyond'
    ? `there is an advisory against the package that is worse than maximumSeverity allows (${maximumSeverity})`
    : 'nobody tells of advisories against the package, and maximumSeverity is set';
}
