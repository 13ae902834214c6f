import { resolve } from 'node:path';

import type { JsonObject, JsonValue } from '../model/json.js';
import {
  type Evidence,
  factsWithout,
  nothingKnown,
  type PackageFacts,
  present,
  unknown,
  unreached,
} from '../model/package-facts.js';
import { identifyLaunch, isInterpreter } from '../policy/identify-launch.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import { quote } from '../quote.js';
import { digestFile, type FileDigest } from './digest-file.js';
import { findLockFile } from './find-lock-file.js';
import { findProgram } from './find-program.js';
import type { PackageSource, SourceContext } from './package-source.js';

/** What is known of a file that nobody published, besides its bytes. */
const NOBODY_SAYS = 'it is a file of this machine, about which no registry says anything';

const FILE = { purl: undefined, ecosystem: 'file', requested: undefined } as const;

/**
 * Returns the source for what lies on this machine: the digests of the program, of the script and of its interpreter, and of the
 * lock file of the script's project. Links are resolved. The modules that a script loads are not looked at.
 */
export function createFileSource(): PackageSource {
  return {
    inspect: async (identity, { cwd, env, command }) =>
      await inspectFile(identity, { cwd, path: env['PATH'] ?? '', command }),
  };
}

/** Where programs are looked for, and what the command starts. */
interface Place extends Pick<SourceContext, 'cwd'> {
  readonly path: string;
  readonly command: string | undefined;
}

async function inspectFile(identity: LaunchIdentity, place: Place): Promise<PackageFacts> {
  if (identity.kind !== 'executable') return factsWithout(FILE, unknown('it is no file of this machine'));
  const { file, isScript } = identity;
  const path = isScript ? resolve(place.cwd, file) : await findProgram(file, place);
  if (path === undefined) return factsWithout(FILE, unreached(`the program ${quote(file, 120)} was not found`));
  const digest = await digestFile(path);
  if (digest.kind !== 'present') return factsWithout(FILE, digest);
  const interpreter = isScript ? startedBy(place.command) : interpreterOf(digest.value);
  const sha256 = present(`sha256:${digest.value.sha256}`);
  return {
    ...FILE,
    resolved: sha256,
    integrity: sha256,
    evidence: {
      ...nothingKnown(NOBODY_SAYS),
      source: present('file'),
      executable: await executable(digest.value, isScript, interpreter, place),
      lockfile: await lockfile(digest.value, interpreter),
    },
  };
}

type Interpreter = string | Evidence<never> | undefined;

/** `cmd /c node server.js` starts another program than the one that runs the script. */
function startedBy(command: string | undefined): Interpreter {
  return command !== undefined && isInterpreter(command) ? command : undefined;
}

/** What a first line such as `#!/usr/bin/env node` starts. */
function interpreterOf({ path, shebang }: FileDigest): Interpreter {
  if (shebang === undefined) return undefined;
  const words = shebang.split(/\s+/);
  const [command = '', ...args] = /(?:^|\/)env$/.test(words[0] ?? '') ? afterEnv(words.slice(1)) : words;
  const launched = identifyLaunch({ command, args: [...args, path], env: {} });
  // Attack: `#!/usr/bin/env -S node --import ./evil.js`: what is digested is not all that runs.
  if (launched.kind !== 'executable' || launched.file !== path || !launched.isScript)
    return unknown(`its first line ${quote(shebang, 120)} does not say what else runs`);
  return command;
}

function afterEnv(words: readonly string[]): readonly string[] {
  return words[0] === '-S' ? words.slice(1) : words;
}

async function executable(
  { path, sha256, shebang }: FileDigest,
  isScript: boolean,
  interpreter: Interpreter,
  place: Place,
): Promise<Evidence<JsonValue>> {
  if (!isScript && shebang === undefined) return present({ path, sha256 });
  if (interpreter === undefined) return unknown('it cannot be told which interpreter runs the script');
  if (typeof interpreter !== 'string') return interpreter;
  const program = await digestProgram(interpreter, place);
  if (program.kind !== 'present') return program;
  return present({ path, sha256, interpreter: program.value });
}

async function digestProgram(name: string, place: Place): Promise<Evidence<JsonObject>> {
  const path = await findProgram(name, place);
  if (path === undefined) return unknown(`the interpreter ${quote(name, 120)} was not found`);
  const digest = await digestFile(path);
  if (digest.kind !== 'present') return digest;
  // As version managers install them: which interpreter it starts is up to files elsewhere.
  if (digest.value.shebang !== undefined)
    return unknown(`the interpreter ${quote(path, 160)} is a script itself, which decides what runs`);
  return present({ path: digest.value.path, sha256: digest.value.sha256 });
}

async function lockfile({ path }: FileDigest, interpreter: Interpreter): Promise<Evidence<JsonValue>> {
  if (typeof interpreter !== 'string') return unknown('it is no script of a language with lock files');
  const language = languageOf(interpreter);
  if (language === undefined) return unknown(`for ${quote(interpreter, 60)} no lock file is known`);
  const found = await findLockFile(path, language);
  if (found.kind !== 'present') return found;
  const digest = await digestFile(found.value);
  return digest.kind === 'present' ? present({ path: digest.value.path, sha256: digest.value.sha256 }) : digest;
}

function languageOf(interpreter: string): 'javascript' | 'python' | undefined {
  const name = interpreter.split(/[/\\]/).at(-1) ?? interpreter;
  if (/^(?:node|nodejs|deno|bun|tsx|ts-node)(?:[\d.]+)?(?:\.exe)?$/i.test(name)) return 'javascript';
  return /^(?:pythonw?|pypy)(?:[\d.]+)?(?:\.exe)?$/i.test(name) ? 'python' : undefined;
}
