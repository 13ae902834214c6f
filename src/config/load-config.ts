import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import { DEFAULT_POLICY } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { Config } from './config.js';
import { describeIssue } from './describe-issue.js';
import { type Environment, expand } from './expand.js';
import { findConfig } from './find-config.js';
import { parseYaml } from './parse-yaml.js';
import type { Problems } from './problems.js';
import { CLIENT_KEYS, type ConfigFile, configSchema } from './schema.js';
import { toAlerting } from './to-alerting.js';
import { toAllowlist } from './to-allowlist.js';
import { toChannels } from './to-channels.js';
import { toJudge } from './to-judge.js';
import { toGateway, toServe } from './to-serve.js';
import { toPackagePolicy } from './to-package-policy.js';
import { type ServerDefaults, toServer, toServerId } from './to-server.js';
import { toSignIn } from './to-sign-in.js';

/** A configuration is written by people; a larger file is something else. */
const MAX_FILE_BYTES = 1024 * 1024;

const DEFAULT_CONCURRENCY = 16;

/** A process that starts keeps a core busy for a second or so. */
const DEFAULT_CHILD_PROCESSES = 4;

export interface LoadOptions {
  /** As given by `--config`; absent: looked for in `cwd` and above. */
  readonly file: string | undefined;
  readonly cwd: string;
  readonly env: Environment;
  /** As given by `--state-dir`, relative to `cwd`; outranks the file. */
  readonly stateDir: string | undefined;
}

/**
 * Returns the configuration in a file, complete and checked. The error names every mistake with file, line, column and path.
 *
 * @throws {SealwatchError} `CONFIG_NOT_FOUND`, `CONFIG_UNREADABLE`, `CONFIG_INVALID`, `CONFIG_VARIABLE_MISSING`,
 *   `SERVER_ID_INVALID`, `MASK_INVALID`
 */
export function loadConfig(options: LoadOptions): Config {
  const file = findConfig(options.file, options.cwd);
  return readConfigText(readText(file), file, options);
}

/** Like {@link loadConfig}, of a text that is, or is to be, in a file. */
export function readConfigText(text: string, file: string, options: Omit<LoadOptions, 'file'>): Config {
  const { value, problems } = parseYaml(text, file);
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    for (const problem of parsed.error.issues.flatMap((issue) => describeIssue(issue, value))) problems.add(problem);
    // Names are checked too, so that one error tells all that can be told before the shapes are right.
    checkNames(value, problems);
    problems.throwIfAny();
  }
  const written = parsed.data ?? {};
  const stateDir = toStateDir(written, file, options, problems);
  const config = toConfig(written, file, stateDir, options.env, problems);
  problems.throwIfAny();
  return config;
}

function toConfig(written: ConfigFile, file: string, stateDir: string, env: Environment, problems: Problems): Config {
  const folder = dirname(file);
  const environment = { ...env, SEALWATCH_STATE_DIR: stateDir };
  const notify = expand(written.notify, ['notify'], environment, problems);
  const serve = expand(written.serve, ['serve'], environment, problems);
  const gateway = expand(written.gateway, ['gateway'], environment, problems);
  const signIn = expand(written.signIn, ['signIn'], environment, problems);
  const judge = expand(written.judge, ['judge'], environment, problems);
  const { policy } = written;
  const allowlist = toAllowlist(policy?.allowlist, folder, problems);
  const channels = toChannels(notify, folder, problems);
  const alerts = expand(written.alerts, ['alerts'], environment, problems);
  return {
    file,
    stateDir,
    packageDir:
      written.packageDir === undefined
        ? join(stateDir, 'packages')
        : resolve(folder, expand(written.packageDir, ['packageDir'], environment, problems)),
    servers: toServers(written, { folder, allowlist }, environment, problems),
    allowlist,
    disabled: entriesOf(written).flatMap(([name, { disabled }]) =>
      disabled === true ? (toServerId(name, problems) ?? []) : [],
    ),
    policy: {
      autoApprove: policy?.autoApprove ?? DEFAULT_POLICY.autoApprove,
      blockLevel: policy?.blockLevel ?? DEFAULT_POLICY.blockLevel,
      twoPersons: policy?.twoPersons ?? DEFAULT_POLICY.twoPersons,
      ...toPackagePolicy(policy?.packages, problems),
    },
    rules: {
      folders: (written.rules?.folders ?? []).map((path) => resolve(folder, path)),
      off: written.rules?.off ?? [],
      severities: new Map(Object.entries(written.rules?.severity ?? {})),
    },
    judge: toJudge(judge, folder, problems),
    channels,
    alerting: toAlerting(
      alerts,
      channels.map(({ name }) => name),
      problems,
    ),
    serve: toServe(serve, folder, problems),
    gateway: toGateway(gateway, folder, problems),
    signIn: toSignIn(signIn, folder, problems),
    concurrency: written.concurrency ?? DEFAULT_CONCURRENCY,
    childProcesses: written.childProcesses ?? DEFAULT_CHILD_PROCESSES,
    digest: `sha256:${createHash('sha256').update(JSON.stringify(written)).digest('hex')}`,
    notes: entriesOf(written).flatMap(([name, entry]) => notesOn(name, entry)),
  };
}

function toServers(
  written: ConfigFile,
  { folder, allowlist }: Pick<ServerDefaults, 'folder' | 'allowlist'>,
  environment: Environment,
  problems: Problems,
): readonly Server[] {
  const recordsPackages = written.policy?.packages !== undefined;
  const shared = { folder, defaults: written.defaults ?? {}, allowlist, recordsPackages };
  const enabled = entriesOf(written).filter(([, entry]) => entry.disabled !== true);
  return enabled.flatMap(([name, entry]) => {
    // Masks are approved as written, so no variable is looked for in them.
    const { volatile, ...rest } = entry;
    const before = problems.count();
    const filled = expand(rest, ['servers', name], environment, problems);
    // What depends on a missing variable would only be reported a second time.
    if (problems.count() > before) {
      toServerId(name, problems);
      return [];
    }
    const complete = volatile === undefined ? filled : { ...filled, volatile };
    return toServer(name, entry, complete, shared, problems) ?? [];
  });
}

function entriesOf(written: ConfigFile): readonly (readonly [string, NonNullable<ConfigFile['servers']>[string]])[] {
  return Object.entries(written.servers ?? {});
}

function notesOn(name: string, entry: Readonly<Record<string, unknown>>): readonly string[] {
  const ignored = CLIENT_KEYS.filter((key) => entry[key] !== undefined);
  const notes =
    ignored.length === 0
      ? []
      : [`${name}: ${ignored.join(', ')} ${ignored.length === 1 ? 'has' : 'have'} no effect here (of a client)`];
  return entry['disabled'] === true ? [`${name}: disabled, not watched`, ...notes] : notes;
}

function checkNames(value: unknown, problems: Problems): void {
  const servers =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['servers'] : undefined;
  if (typeof servers === 'object' && servers !== null && !Array.isArray(servers))
    for (const name of Object.keys(servers)) toServerId(name, problems);
}

function toStateDir(written: ConfigFile, file: string, options: Omit<LoadOptions, 'file'>, problems: Problems): string {
  if (options.stateDir !== undefined) return resolve(options.cwd, options.stateDir);
  return resolve(dirname(file), expand(written.stateDir ?? '.sealwatch', ['stateDir'], options.env, problems));
}

function readText(file: string): string {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new Error(`larger than ${MAX_FILE_BYTES} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    throw new SealwatchError('CONFIG_UNREADABLE', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
