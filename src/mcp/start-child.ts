import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

import { messageOf, SealwatchError } from '../errors.js';
import type { Launch } from '../model/server.js';
import { quote } from '../quote.js';
import { childEnvironment } from './child-environment.js';
import { endGroup } from './end-group.js';
import { guard } from './watchdog.js';

/** A process that we started, the leader of a process group of its own. */
export interface Child {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when the process has ended and its output is read, with a sentence on how. */
  readonly exited: Promise<SealwatchError>;
  /** Ends the process and its group: by closing its input, then by SIGTERM, then by SIGKILL. Never rejects. */
  end(manner: 'calm' | 'hurried'): Promise<void>;
}

/** Enough for a stack trace; a child that logs for weeks must not fill our memory. */
const STDERR_TAIL_BYTES = 4096;

/** After the process has ended, what it wrote may still be in the pipe; a grandchild may hold the pipe open for ever. */
const DRAIN_MS = 200;

/**
 * Starts a child process.
 *
 * @throws {SealwatchError} `OBSERVE_START_FAILED` with what to do about it.
 */
export async function startChild(launch: Launch): Promise<Child> {
  const leader = await spawnChild(launch);
  const group = leader.pid ?? 0;
  const readStderr = keepTail(leader.stderr);
  const exit = waitForExit(leader);
  const exited = exit.then((how) => exitError(how, readStderr()));
  // A child that does not read must not end us: its exit is noticed by itself.
  leader.stdin.on('error', () => undefined);
  leader.stdout.on('error', () => undefined);
  return {
    stdin: leader.stdin,
    stdout: leader.stdout,
    exited,
    end: async (manner) => {
      leader.stdin.end();
      await endGroup(group, exit, manner);
      for (const stream of [leader.stdin, leader.stdout, leader.stderr]) stream.destroy();
    },
  };
}

type Spawned = ChildProcessByStdio<Writable, Readable, Readable>;

async function spawnChild(launch: Launch): Promise<Spawned> {
  let spawned: Spawned;
  try {
    spawned = spawn(launch.command, launch.args, {
      cwd: launch.cwd,
      env: childEnvironment(launch.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (cause) {
    throw startError(launch, cause);
  }
  // At once, before anything is waited for: from here on the child must not outlive us.
  if (spawned.pid !== undefined) guard(spawned.pid);
  await new Promise<void>((resolve, reject) => {
    spawned.once('spawn', resolve);
    spawned.once('error', (cause) => {
      reject(startError(launch, cause));
    });
  });
  // Later errors are failed kills, of a process that is gone.
  spawned.on('error', () => undefined);
  return spawned;
}

function startError({ command, cwd }: Launch, cause: unknown): SealwatchError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return new SealwatchError('OBSERVE_START_FAILED', `cannot start ${quote(command)}: ${reasonFor(code, cwd, cause)}`, {
    cause,
  });
}

function reasonFor(code: string, cwd: string, cause: unknown): string {
  if (!existsSync(cwd)) return `the folder ${quote(cwd)} does not exist; correct "cwd"`;
  switch (code) {
    case 'ENOENT':
      return 'no such command; install it, or write its full path in "command"';
    case 'EACCES':
      return 'it is not executable; make it so (chmod +x), or start it through its interpreter';
    case 'ENOEXEC':
      return 'it is neither a program nor a script with a #! line; start it through its interpreter';
    default:
      return quote(messageOf(cause));
  }
}

function keepTail(stream: Readable): () => string {
  let tail = Buffer.alloc(0);
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    const both = Buffer.concat([tail, chunk.subarray(-STDERR_TAIL_BYTES)]);
    tail = both.subarray(-STDERR_TAIL_BYTES);
  });
  return () => tail.toString('utf8').trim();
}

async function waitForExit(child: ChildProcess): Promise<string> {
  return await new Promise<string>((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let sentence = 'exited';
    child.once('exit', (code, signal) => {
      sentence = signal === null ? `exited with code ${code ?? 0}` : `was ended by ${signal}`;
      timer = setTimeout(resolve, DRAIN_MS, sentence);
    });
    child.once('close', () => {
      clearTimeout(timer);
      resolve(sentence);
    });
  });
}

function exitError(how: string, stderr: string): SealwatchError {
  const said = stderr === '' ? 'it wrote nothing to standard error' : `its standard error ends: ${quoteEnd(stderr)}`;
  return new SealwatchError('OBSERVE_EXITED', `the server ${how}; ${said}`);
}

/** The reason is usually in the last lines. */
function quoteEnd(text: string): string {
  return text.length <= MAX_SHOWN ? quote(text, MAX_SHOWN) : `…${quote(text.slice(-MAX_SHOWN), MAX_SHOWN)}`;
}

const MAX_SHOWN = 600;
