import semver from 'semver';

import type { PackageType } from '../model/allowlist.js';
import { quote } from '../quote.js';

/** What a start command will run, as far as the command tells. */
export type LaunchIdentity =
  | {
      readonly kind: 'package';
      readonly type: PackageType;
      readonly name: string;
      /** As asked for: a version, a range, a tag; `undefined` where none is. */
      readonly requested: string | undefined;
    }
  | { readonly kind: 'image'; readonly repository: string; readonly digest: string | undefined }
  /** `file` is a program as a shell would find it, or a script as its interpreter would. */
  | { readonly kind: 'executable'; readonly file: string; readonly isScript: boolean }
  | { readonly kind: 'unknown'; readonly why: string };

/** How a process is started, as far as it decides what runs. */
interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Returns what a command runs. Options that are not known to change nothing about it make it `unknown`: one of them could name
 * another package, another registry or another program.
 */
export function identifyLaunch({ command, args, env }: Command): LaunchIdentity {
  const decisive = Object.keys(env).find((variable) => DECISIVE.test(variable));
  if (decisive !== undefined) return unknown(`its variable ${quote(decisive, 60)} can make it run something else`);
  const name = programName(command);
  const identify = RUNNERS.get(name);
  if (identify !== undefined) return identify(args);
  if (isInterpreter(name)) return identifyScript(name, args);
  return { kind: 'executable', file: command, isScript: false };
}

/** Variables with which a program loads other code, or takes packages from elsewhere. */
const DECISIVE =
  /^(?:PATH|PATHEXT|COMSPEC|HOME|USERPROFILE|XDG_.*|LD_.*|DYLD_.*|NODE_.*|NPM_.*|PNPM_.*|YARN_.*|BUN_.*|DENO_.*|COREPACK_.*|PYTHON.*|PIP_.*|PIPX_.*|UV_.*|VIRTUAL_ENV|RUBY.*|PERL.*|LUA_.*|PHP.*|JAVA_.*|JDK_.*|CLASSPATH|DOTNET_.*|BASH_ENV|ENV|ZDOTDIR|SHELLOPTS|IFS|PS4|DOCKER_.*|CONTAINER.*|GIT_.*|SSL_CERT_.*|HTTPS?_PROXY|ALL_PROXY)$/i;

/**
 * Returns the runner or interpreter that a command names by its path, `undefined` where it names none or none by its path. A file
 * may have any name: whether it is the runner has to be found out.
 */
export function toolByPath(command: string): string | undefined {
  const name = programName(command);
  return /[/\\]/.test(command) && (RUNNERS.has(name) || isInterpreter(name)) ? name : undefined;
}

/** Whether a program runs whatever script it is given, so that allowing it would allow everything. */
export function isInterpreter(program: string): boolean {
  return INTERPRETER.test(programName(program));
}

const INTERPRETER =
  /^(?:node|nodejs|deno|bun|tsx|ts-node|python|pythonw|pypy|ruby|perl|php|lua|Rscript|java|dotnet|sh|bash|dash|zsh|fish|ksh|pwsh|powershell|env|sudo|xargs|busybox)(?:[\d.]+)?$/i;

function programName(command: string): string {
  const base = command.split(/[/\\]/).at(-1) ?? command;
  return base.replace(/\.(?:exe|cmd|bat|ps1)$/i, '');
}

type Identify = (args: readonly string[]) => LaunchIdentity;

const RUNNERS: ReadonlyMap<string, Identify> = new Map([
  ['npx', (args) => identifyNpm(args)],
  ['pnpx', (args) => identifyNpm(args)],
  ['bunx', (args) => identifyNpm(args.filter((arg) => arg !== '--bun'))],
  ['npm', (args) => after(args, [['exec'], ['x']], identifyNpm)],
  ['pnpm', (args) => after(args, [['dlx']], identifyNpm)],
  ['yarn', (args) => after(args, [['dlx']], identifyNpm)],
  ['uvx', (args) => identifyPython(args, '--from')],
  ['uv', (args) => after(args, [['tool', 'run']], (rest) => identifyPython(rest, '--from'))],
  ['pipx', (args) => after(args, [['run']], (rest) => identifyPython(rest, '--spec'))],
  ['docker', (args) => after(args, [['run'], ['container', 'run']], identifyImage)],
  ['podman', (args) => after(args, [['run'], ['container', 'run']], identifyImage)],
  ['cmd', (args) => identifyShell(args)],
]);

function after(
  args: readonly string[],
  subcommands: readonly (readonly string[])[],
  identify: Identify,
): LaunchIdentity {
  const found = subcommands.find((words) => words.every((word, index) => args[index] === word));
  if (found === undefined) return unknown('its subcommand does not say what it runs');
  return identify(args.slice(found.length));
}

/** `cmd /c npx …` */
function identifyShell([option, command, ...args]: readonly string[]): LaunchIdentity {
  if (option?.toLowerCase() !== '/c' || command === undefined) return unknown('a shell runs whatever it is told');
  if (args.some((arg) => /[&|<>^%]/.test(arg))) return unknown('it has characters that a shell acts on');
  return identifyLaunch({ command, args, env: {} });
}

const QUIET = ['-y', '--yes', '-q', '--quiet', '--prefer-offline'];

function identifyNpm(args: readonly string[]): LaunchIdentity {
  const { named, rest, problem } = readOptions(args, { flags: QUIET, naming: ['-p', '--package'] });
  if (problem !== undefined) return unknown(problem);
  if (named.length > 1) return unknown('it installs several packages');
  return npmPackage(named[0] ?? rest[0]);
}

function npmPackage(spec: string | undefined): LaunchIdentity {
  const [, name, requested] = /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)(?:@(.+))?$/i.exec(spec ?? '') ?? [];
  if (name === undefined) return unknown(`${quote(spec ?? '')} is no package of a registry`);
  if (requested !== undefined && !/^[\w.^~<>=*| +-]+$/.test(requested))
    return unknown(`${quote(requested)} is no version`);
  return { kind: 'package', type: 'npm', name, requested };
}

function identifyPython(args: readonly string[], naming: string): LaunchIdentity {
  const { named, rest, problem } = readOptions(args, { flags: ['-q', '--quiet'], naming: [naming] });
  if (problem !== undefined) return unknown(problem);
  if (named.length > 1) return unknown('it installs several packages');
  return pythonPackage(named[0] ?? rest[0]);
}

function pythonPackage(spec: string | undefined): LaunchIdentity {
  const [, name, requested] = /^([a-z0-9][\w.-]*)(?:\[[\w,.-]*\])?(?:(?:==|@)([\w.!+-]+))?$/i.exec(spec ?? '') ?? [];
  if (name === undefined) return unknown(`${quote(spec ?? '')} is no package with a version`);
  return { kind: 'package', type: 'pypi', name: pythonName(name), requested };
}

/** PEP 503: `Foo_Bar` and `foo-bar` are one package. */
export function pythonName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function identifyImage(args: readonly string[]): LaunchIdentity {
  const { rest, problem } = readOptions(args, { flags: IMAGE_FLAGS, valued: IMAGE_OPTIONS });
  if (problem !== undefined) return unknown(problem);
  const [, repository, digest] = /^([^@\s]+?)(?::[\w.-]+)?(?:@(sha256:[0-9a-f]{64}))?$/.exec(rest[0] ?? '') ?? [];
  if (repository === undefined) return unknown('it names no image');
  return { kind: 'image', repository, digest };
}

/** Options of `docker run` that take no value, and those that take one; of what is in neither, nobody knows where the image begins. */
const IMAGE_FLAGS =
  `-i --interactive -t --tty -it -ti -d --detach --rm --init --read-only -P --publish-all -q --quiet --no-healthcheck`.split(
    ' ',
  );
const IMAGE_OPTIONS =
  `-e --env --env-file -v --volume --mount --name --network --net -p --publish -u --user -w --workdir --platform --pull -m --memory
   --memory-swap --cpus -l --label --label-file -h --hostname --add-host --cap-drop --cap-add --security-opt --tmpfs --ulimit --shm-size --pids-limit
   --log-driver --log-opt --stop-timeout --gpus --device --dns --runtime --restart --expose --group-add --userns --ipc --pid`.split(
    /\s+/,
  );

function identifyScript(interpreter: string, args: readonly string[]): LaunchIdentity {
  const [script] = args;
  if (script === undefined || script.startsWith('-'))
    return unknown(`${interpreter} is given options before the script, which could run anything`);
  if (SUBCOMMANDS.has(script)) return unknown(`${interpreter} ${script} runs whatever it is told`);
  if (/^(?:env|sudo|xargs|busybox)$/i.test(interpreter)) return unknown(`${interpreter} runs whatever it is told`);
  return { kind: 'executable', file: script, isScript: true };
}

/** Of `deno`, `bun`, `dotnet`: not the name of a script. */
const SUBCOMMANDS = new Set(['run', 'x', 'exec', 'eval', 'task', 'serve', 'tool', 'watch']);

interface OptionKinds {
  /** They take no value. */
  readonly flags: readonly string[];
  /** They take a value that does not decide what runs. */
  readonly valued?: readonly string[];
  /** Their values are what is installed. */
  readonly naming?: readonly string[];
}

/** Reads options up to the first argument that is none. */
function readOptions(
  args: readonly string[],
  { flags, valued = [], naming = [] }: OptionKinds,
): { readonly named: readonly string[]; readonly rest: readonly string[]; readonly problem?: string } {
  const named: string[] = [];
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') return { named, rest: args.slice(at + 1) };
    if (!arg.startsWith('-')) break;
    const [option, inline] = arg.startsWith('--') ? splitOnce(arg) : [arg];
    if (flags.includes(arg)) continue;
    const isNaming = naming.includes(option);
    if (!isNaming && !valued.includes(option))
      return { named, rest: [], problem: `of its option ${quote(option, 60)} it is not known what it does` };
    const value = inline ?? args[(at += 1)] ?? '';
    if (isNaming) named.push(value);
  }
  return { named, rest: args.slice(at) };
}

function splitOnce(arg: string): readonly [string, string?] {
  const at = arg.indexOf('=');
  return at === -1 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)];
}

function unknown(why: string): LaunchIdentity {
  return { kind: 'unknown', why };
}

/** Whether what is asked for can only be one version. */
export function isExactVersion(type: PackageType, requested: string): boolean {
  return type === 'npm' ? semver.valid(requested) !== null : /^\d[\w.!+-]*$/.test(requested);
}
