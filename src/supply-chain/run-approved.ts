import { SealwatchError } from '../errors.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { Launch, Server, TrialStart } from '../model/server.js';
import { identifyLaunch, packageArguments } from '../policy/identify-launch.js';
import type { Packages, Prepare, PreparedStart } from '../ports.js';
import { programOf } from './cached-program.js';
import type { FoundIsolation } from './find-isolation.js';
import { isolateLaunch } from './isolate-launch.js';
import { DEFAULT_ISOLATION_LIMITS } from './isolation.js';
import { SYSTEM_FOLDERS } from './program-arguments.js';
import { readNpmOptions } from './npm-options.js';
import type { Exact, PackageCache } from './package-cache.js';

/** What servers are started with that run what is approved. */
export interface RunContext {
  readonly packages: Pick<Packages, 'describe'>;
  readonly cache: PackageCache;
  /** Returns the `package` of the provenance that is approved of a server; `undefined` where none is. */
  readonly approvedOf: (server: Server) => Promise<JsonValue | undefined>;
  /** `try`: what nobody has approved yet is tried, to see what it says. `serve`: nothing but what is approved is started. */
  readonly purpose: 'try' | 'serve';
  readonly isolation: (signal: AbortSignal) => Promise<FoundIsolation>;
  /** Returns the whole environment of a child. */
  readonly environment: (configured: Launch['env']) => Readonly<Record<string, string>>;
  /** The home of our own user. */
  readonly home: string;
}

/**
 * Returns what says what is started of a server that runs what is approved. So that what runs is what was approved, it comes from a folder
 * of our own, where the approved version and all that it needs are installed.
 */
export function createPrepare(context: RunContext): Prepare {
  return async (server, signal) => {
    const trial = server.runsApproved;
    if (trial === undefined) return undefined;
    const run = { ...context, ...launchOf(server), server, trial, signal };
    const approved = takePackage(await context.approvedOf(server), run.name);
    return context.purpose === 'serve' ? await serveApproved(approved, run) : await tryNewest(approved, run);
  };
}

/** Returns what says whether a start would still be the same one ({@link PreparedStart.key}), without looking at what is installed. */
export function createKeyOf(context: RunContext): NonNullable<Packages['keyNow']> {
  return async (server, signal) => {
    const trial = server.runsApproved;
    if (trial === undefined) return undefined;
    const run = { ...context, ...launchOf(server), server, trial, signal };
    const approved = takePackage(await context.approvedOf(server), run.name);
    if (context.purpose === 'serve') return approved && keyOf(approved.recorded);
    const candidate = await candidateOf(run);
    if (approved !== undefined && isSame(candidate, approved.recorded)) return keyOf(approved.recorded);
    const found = await resolveNewest(candidate, run);
    if (typeof found !== 'string') return `trial ${keyOf(found.recorded)}`;
    return isContradicted(candidate) ? `trial ${keyOf(candidate)}` : approved && keyOf(approved.recorded);
  };
}

interface Run extends RunContext {
  readonly launch: Launch;
  readonly name: string;
  readonly server: Server;
  readonly trial: TrialStart;
  readonly signal: AbortSignal;
}

/** A version with all that is installed with it. */
interface Package {
  readonly exact: Exact;
  /** See `Resolved`. */
  readonly digest: string;
  readonly recorded: JsonObject;
}

function launchOf({ connection }: Server): { readonly launch: Launch; readonly name: string } {
  const { launch } = connection;
  const identity = launch && identifyLaunch(launch);
  if (launch === undefined || identity?.kind !== 'package' || identity.type !== 'npm')
    throw new SealwatchError('PACKAGE_NOT_INSTALLED', 'only packages of npm can be run as they are approved');
  return { launch, name: identity.name };
}

async function serveApproved(approved: Package | undefined, run: Run): Promise<PreparedStart> {
  if (approved === undefined)
    throw new SealwatchError('PACKAGE_NOT_APPROVED', 'nobody has approved a version of its package');
  return await startOf(approved, run);
}

async function tryNewest(approved: Package | undefined, run: Run): Promise<PreparedStart> {
  const candidate = await candidateOf(run);
  if (approved !== undefined && isSame(candidate, approved.recorded)) {
    const start = await startIfInstalled(approved, run);
    if (start !== undefined) return start;
  }
  const found = await installNewest(candidate, run);
  if (typeof found === 'string') return await withoutNewest(candidate, found, approved, run);
  return await trialOf(found, approved, run);
}

/** What runs is one version, whatever the command asks for. */
async function candidateOf({ packages, server, signal }: Run): Promise<JsonObject> {
  return { ...(await packages.describe(server, signal)), isPinned: true };
}

/** Returns why there is nothing to be tried where it cannot be had: then it cannot be used by anybody either. */
async function installNewest(candidate: JsonObject, run: Run): Promise<Package | string> {
  const found = await resolveNewest(candidate, run);
  if (typeof found === 'string') return found;
  return await orWhyNot(async () => {
    await programOf(await folderOf(found, run), found.exact.name);
    return found;
  });
}

async function resolveNewest(candidate: JsonObject, run: Run): Promise<Package | string> {
  const exact = exactOf(candidate, run.name);
  if (exact === undefined) return 'its version or its bytes could not be told';
  return await orWhyNot(async () => {
    const { versions, digest } = await run.cache.resolve(exact, await readOptions(run));
    return { exact, digest, recorded: { ...candidate, tree: versions, treeDigest: `sha256:${digest}` } };
  });
}

async function orWhyNot<Result>(work: () => Promise<Result>): Promise<Result | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SealwatchError && error.code === 'PACKAGE_NOT_INSTALLED') return error.message;
    throw error;
  }
}

/** Its folder may be gone, and what it needs may be resolved otherwise by now: then that is looked at like another version. */
async function startIfInstalled(approved: Package, run: Run): Promise<PreparedStart | undefined> {
  const start = await orWhyNot(async () => await startOf(approved, run));
  return typeof start === 'string' ? undefined : start;
}

/**
 * What cannot be had can be used by nobody; evidence against it is told all the same.
 *
 * @throws {SealwatchError} `PACKAGE_NOT_TRIED` where nothing is approved that goes on running.
 */
async function withoutNewest(
  candidate: JsonObject,
  why: string,
  approved: Package | undefined,
  run: Run,
): Promise<PreparedStart> {
  if (isContradicted(candidate)) {
    const told = await insteadOf(candidate, approved, run);
    if (told !== undefined) return told(why);
  }
  const start = approved && (await startIfInstalled(approved, run));
  if (start === undefined) throw notTried(why);
  return { ...start, remark: `the newest version of its package could not be looked at: ${why}` };
}

async function trialOf(found: Package, approved: Package | undefined, run: Run): Promise<PreparedStart> {
  const plain = await startOf(found, run);
  const orElse = await insteadOf(found.recorded, approved, run);
  // After the approval the same code is started in another way.
  const trial = {
    ...plain,
    key: `trial ${plain.key}`,
    isTrial: true,
    ...(orElse === undefined ? {} : { orElse }),
  } as const;
  if (run.trial === 'plain') return trial;
  const isolated = await isolate(plain.launch, found, run);
  if (typeof isolated !== 'string') return { ...trial, launch: isolated };
  if (orElse === undefined) throw notTried(isolated);
  return orElse(isolated);
}

/** Returns why it cannot be isolated where it cannot. */
async function isolate({ command, args }: Launch, found: Package, run: Run): Promise<Launch | string> {
  const isolation = await run.isolation(run.signal);
  if (isolation.kind === 'none') return `no isolation is to be had here (${isolation.why})`;
  const program = { command, args, readable: [await folderOf(found, run), ...ownNode()] };
  const isolated = isolateLaunch(program, { isolation, limits: DEFAULT_ISOLATION_LIMITS, home: run.home });
  return isolated.kind === 'unknown' ? isolated.why : isolated.launch;
}

/** Node may lie in the home of our user, where nothing else is shown. */
function ownNode(): readonly string[] {
  const { execPath } = process;
  return SYSTEM_FOLDERS.some((folder) => execPath.startsWith(`${folder}/`)) ? [] : [execPath];
}

function notTried(why: string): SealwatchError {
  return new SealwatchError('PACKAGE_NOT_TRIED', `its trial start is not possible: ${why}`);
}

/** What is looked at where a version cannot be tried: the approved one, under the name of the new one. */
async function insteadOf(
  recorded: JsonObject,
  approved: Package | undefined,
  run: Run,
): Promise<PreparedStart['orElse']> {
  const start = approved && (await startIfInstalled(approved, run));
  if (start === undefined) return undefined;
  const key = `trial ${keyOf(recorded)}`;
  return (why) => ({ ...start, key, recorded: { ...recorded, trial: `could not tell what it says: ${why}` } });
}

async function startOf(found: Package, run: Run): Promise<PreparedStart> {
  const folder = await folderOf(found, run);
  const program = await programOf(folder, found.exact.name);
  const args = [...program.args, ...packageArguments(run.launch)];
  return {
    key: keyOf(found.recorded),
    launch: { ...run.launch, command: program.command, args },
    named: { ...run.launch, command: 'npx', args: ['-y', `${found.exact.name}@${found.exact.version}`] },
    recorded: found.recorded,
  };
}

async function folderOf({ exact, digest }: Package, run: Run): Promise<string> {
  return await run.cache.folderOf(exact, digest, await readOptions(run));
}

async function readOptions({ launch, environment, signal }: Run): ReturnType<typeof readNpmOptions> {
  return await readNpmOptions({ cwd: launch.cwd, env: environment(launch.env), signal });
}

/** What is approved can be another package, or have been looked at without what is installed with it: then it is none that can be run. */
function takePackage(recorded: JsonValue | undefined, name: string): Package | undefined {
  if (recorded === undefined || !isJsonObject(recorded) || recorded['name'] !== `pkg:npm/${name}`) return undefined;
  const exact = exactOf(recorded, name);
  const [, digest] = /^sha256:([0-9a-f]{64})$/.exec(stringMember(recorded, 'treeDigest') ?? '') ?? [];
  return exact === undefined || digest === undefined ? undefined : { exact, digest, recorded };
}

function exactOf(recorded: JsonObject, name: string): Exact | undefined {
  const [version, integrity] = [stringMember(recorded, 'version'), stringMember(recorded, 'integrity')];
  return version === undefined || integrity === undefined ? undefined : { name, version, integrity };
}

/** What it is installed with is fixed with the approval, and whether it could be tried says nothing about it. */
function isSame(candidate: JsonObject, approved: JsonObject): boolean {
  return canonicalize(withoutRun(candidate)) === canonicalize(withoutRun(approved));
}

const OF_THE_RUN = ['tree', 'treeDigest', 'trial'];

function withoutRun(recorded: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(recorded).filter(([name]) => !OF_THE_RUN.includes(name)));
}

/** Attack: a tarball or a signature that was replaced; see `recorded-package.ts`. */
function isContradicted(recorded: JsonObject): boolean {
  return Object.values(recorded).some((fact) => memberOf(fact, 'contradicts') !== undefined);
}

function keyOf(recorded: JsonObject): string {
  return canonicalize(recorded);
}
