import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { messageOf } from '../errors.js';
import { quote } from '../quote.js';
import { DEFAULT_ISOLATION_LIMITS, ISOLATED_ENVIRONMENT, type Isolation } from './isolation.js';
import { isolateLaunch } from './isolate-launch.js';

/** Whether an isolation isolates. */
export type IsolationProof = { readonly kind: 'proven' } | { readonly kind: 'unproven'; readonly why: string };

/** A start takes milliseconds; what takes so long hangs. */
const PROOF_TIMEOUT_MS = 10_000;

/** Proves an isolation by a program that looks around in it, while a file and a variable wait outside that it must not see. */
export async function proveIsolation(isolation: Isolation, signal: AbortSignal): Promise<IsolationProof> {
  const folder = await mkdtemp(join(tmpdir(), 'sealwatch-isolation-'));
  try {
    await writeFile(join(folder, 'outside'), 'visible');
    const why = judge(await lookAround(isolation, join(folder, 'outside'), signal));
    return why === undefined ? { kind: 'proven' } : { kind: 'unproven', why };
  } catch (error) {
    return { kind: 'unproven', why: `it does not start: ${quote(messageOf(error), 300)}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lookAround(isolation: Isolation, outside: string, signal: AbortSignal): Promise<string> {
  const limits = { ...DEFAULT_ISOLATION_LIMITS, maxMemoryBytes: PROBE_BYTES };
  const program = { command: 'sh', args: ['-c', LOOK_AROUND, 'sh', outside], readable: [] };
  const isolated = isolateLaunch(program, { isolation, limits, home: homedir() });
  if (isolated.kind === 'unknown') return isolated.why;
  const { command, args, cwd } = isolated.launch;
  const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', SEALWATCH_OUTSIDE: 'visible' };
  const { stdout } = await promisify(execFile)(command, args, {
    cwd,
    env,
    signal,
    timeout: PROOF_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return stdout;
}

/** Not a default of any system, so that it can only come from us. */
const PROBE_BYTES = 1_234_567_168;

/** Only builtins of the shell and programs of the base system; each line is one answer. */
const LOOK_AROUND = `
echo "environment $(env | cut -d= -f1 | sort | tr '\\n' ' ')"
echo "network $(sed -e '1,2d' -e 's/:.*//' /proc/self/net/dev | tr -d ' ' | sort | tr '\\n' ' ')"
echo "routes $(sed -e 1d /proc/self/net/route | wc -l)"
echo "home $(ls -A "$HOME" | wc -l)"
echo "memory $(sed -n 's/^Max address space *//p' /proc/self/limits | cut -d' ' -f1)"
echo "powers $(sed -n 's/^CapEff:[^0-9a-f]*//p' /proc/self/status)"
echo "gains $(sed -n 's/^NoNewPrivs:[^0-9]*//p' /proc/self/status)"
echo "processes $(ls /proc | grep -c '^[0-9]')"
if [ -e "$1" ]; then echo 'outside visible'; else echo 'outside hidden'; fi
if (: > /usr/sealwatch-probe) 2>/dev/null || (: > /sealwatch-probe) 2>/dev/null; then echo 'system writable'; else echo 'system fixed'; fi
`;

/** Returns the first thing that is not as it has to be. An answer that is missing is one. */
function judge(answers: string): string | undefined {
  const lines = new Map(
    answers.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ').trim()]),
  );
  const failed = WANTED.find(({ answer, isRight }) => !isRight(lines.get(answer)));
  if (failed === undefined) return undefined;
  return `${failed.otherwise} (${quote(lines.get(failed.answer) ?? 'no answer', 120)})`;
}

interface Wanted {
  readonly answer: string;
  readonly isRight: (given: string | undefined) => boolean;
  readonly otherwise: string;
}

/** Shells set these for themselves. */
const OF_THE_SHELL = ['PWD', 'OLDPWD', 'SHLVL', '_'];

const WANTED: readonly Wanted[] = [
  { answer: 'environment', isRight: isOwnEnvironment, otherwise: 'a program in it sees variables of ours' },
  {
    answer: 'network',
    isRight: (given) => given === 'lo' || given === '',
    otherwise: 'a program in it sees a network',
  },
  { answer: 'routes', isRight: (given) => given === '0', otherwise: 'a program in it has a way to a network' },
  { answer: 'home', isRight: (given) => given === '0', otherwise: 'its home is not empty' },
  { answer: 'memory', isRight: (given) => given === String(PROBE_BYTES), otherwise: 'its memory is not limited' },
  { answer: 'powers', isRight: (given) => /^0+$/.test(given ?? ''), otherwise: 'a program in it has powers of root' },
  { answer: 'gains', isRight: (given) => given === '1', otherwise: 'a program in it can gain powers' },
  { answer: 'processes', isRight: (given) => /^\d$/.test(given ?? ''), otherwise: 'it sees processes of ours' },
  { answer: 'outside', isRight: (given) => given === 'hidden', otherwise: 'it sees files of ours' },
  { answer: 'system', isRight: (given) => given === 'fixed', otherwise: 'it can change this machine' },
];

function isOwnEnvironment(given: string | undefined): boolean {
  const names = given?.split(' ') ?? [];
  return Object.keys(ISOLATED_ENVIRONMENT).every((name) => names.includes(name)) && names.every(isExpected);
}

function isExpected(name: string): boolean {
  return Object.hasOwn(ISOLATED_ENVIRONMENT, name) || OF_THE_SHELL.includes(name);
}
