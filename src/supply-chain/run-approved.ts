import { SealwatchError } from '../errors.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { isJsonObject, type JsonObject, type JsonValue, stringMember } from '../model/json.js';
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
    const approved = takePackage(await context.approvedOf(server));
    return context.purpose === 'serve' ? await serveApproved(approved, run) : await tryNewest(approved, run);
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
  const described = (await run.packages.describe(run.server, run.signal)) ?? {};
  // What runs is one version, whatever the command asks for.
  const candidate = { ...described, isPinned: true };
  if (approved !== undefined && isSame(candidate, approved.recorded)) {
    const start = await startOrNothing(approved, run);
    if (start !== undefined) return start;
  }
  const exact = exactOf(candidate, run.name);
  if (exact === undefined) return insteadOf(candidate, approved, run, 'its version or its bytes could not be told');
  const { versions, digest } = await run.cache.resolve(exact, await readOptions(run));
  const recorded = { ...candidate, tree: versions, treeDigest: `sha256:${digest}` };
  return await trialOf({ exact, digest, recorded }, approved, run);
}

/** Its folder may be gone, and what it needs may be resolved otherwise by now: then that is looked at like another version. */
async function startOrNothing(approved: Package, run: Run): Promise<PreparedStart | undefined> {
  try {
    return await startOf(approved, run);
  } catch (error) {
    if (error instanceof SealwatchError && error.code === 'PACKAGE_NOT_INSTALLED') return undefined;
    throw error;
  }
}

async function trialOf(found: Package, approved: Package | undefined, run: Run): Promise<PreparedStart> {
  const plain = await startOf(found, run);
  const orElse = await fallback(found.recorded, approved, run);
  const withFallback = orElse === undefined ? {} : { orElse };
  if (run.trial === 'plain') return { ...plain, isTrial: true, ...withFallback };
  const isolation = await run.isolation(run.signal);
  if (isolation.kind === 'none')
    return insteadOf(found.recorded, approved, run, `no isolation is to be had here (${isolation.why})`);
  const folder = await folderOf(found, run);
  const program = { command: plain.launch.command, args: plain.launch.args, readable: [folder, ...ownNode()] };
  const isolated = isolateLaunch(program, { isolation, limits: DEFAULT_ISOLATION_LIMITS, home: run.home });
  if (isolated.kind === 'unknown') return insteadOf(found.recorded, approved, run, isolated.why);
  return { ...plain, launch: isolated.launch, isTrial: true, ...withFallback };
}

/** Node may lie in the home of our user, where nothing else is shown. */
function ownNode(): readonly string[] {
  const { execPath } = process;
  return SYSTEM_FOLDERS.some((folder) => execPath.startsWith(`${folder}/`)) ? [] : [execPath];
}

/** @throws {SealwatchError} `PACKAGE_NOT_TRIED` where nothing is approved that could be looked at in its place. */
async function insteadOf(
  recorded: JsonObject,
  approved: Package | undefined,
  run: Run,
  why: string,
): Promise<PreparedStart> {
  const orElse = await fallback(recorded, approved, run);
  if (orElse !== undefined) return orElse(why);
  throw new SealwatchError('PACKAGE_NOT_TRIED', `its trial start is not possible: ${why}`);
}

async function fallback(
  recorded: JsonObject,
  approved: Package | undefined,
  run: Run,
): Promise<PreparedStart['orElse']> {
  if (approved === undefined) return undefined;
  const start = await startOf(approved, run);
  const key = keyOf(recorded);
  return (why) => ({ ...start, key, recorded: { ...recorded, trial: `could not tell what it says: ${why}` } });
}

async function startOf(found: Package, run: Run): Promise<PreparedStart> {
  const folder = await folderOf(found, run);
  const program = await programOf(folder, run.name);
  const args = [...program.args, ...packageArguments(run.launch)];
  return {
    key: keyOf(found.recorded),
    launch: { ...run.launch, command: program.command, args },
    named: { ...run.launch, command: 'npx', args: ['-y', `${run.name}@${found.exact.version}`] },
    recorded: found.recorded,
  };
}

async function folderOf({ exact, digest }: Package, run: Run): Promise<string> {
  return await run.cache.folderOf(exact, digest, await readOptions(run));
}

async function readOptions({ launch, environment, signal }: Run): ReturnType<typeof readNpmOptions> {
  return await readNpmOptions({ cwd: launch.cwd, env: environment(launch.env), signal });
}

/** What is approved can have been looked at without what is installed with it: then it is none that can be run. */
function takePackage(recorded: JsonValue | undefined): Package | undefined {
  if (recorded === undefined || !isJsonObject(recorded)) return undefined;
  const exact = exactOf(recorded, nameIn(recorded));
  const [, digest] = /^sha256:([0-9a-f]{64})$/.exec(stringMember(recorded, 'treeDigest') ?? '') ?? [];
  return exact === undefined || digest === undefined ? undefined : { exact, digest, recorded };
}

function nameIn(recorded: JsonObject): string {
  return (stringMember(recorded, 'name') ?? '').replace('pkg:npm/', '');
}

function exactOf(recorded: JsonObject, name: string): Exact | undefined {
  const [version, integrity] = [stringMember(recorded, 'version'), stringMember(recorded, 'integrity')];
  return version === undefined || integrity === undefined ? undefined : { name, version, integrity };
}

/** What it is installed with is fixed with the approval, and whether it could be tried says nothing about it. */
function isSame(candidate: JsonObject, approved: JsonObject): boolean {
  return canonicalize(withoutRun(candidate)) === canonicalize(withoutRun(approved));
}

function withoutRun({ tree, treeDigest, trial, ...facts }: JsonObject): JsonObject {
  return facts;
}

function keyOf(recorded: JsonObject): string {
  return canonicalize(recorded);
}
