import { setMaxListeners } from 'node:events';

import { CommanderError } from 'commander';

import { codeOf, messageOf, SealwatchError } from '../errors.js';
import type { Cli, Outcome, Runner } from './cli.js';
import { type ExitCode, exitCodeOf } from './exit-code.js';
import { toGlobalFlags } from './flags.js';
import type { Io } from './io.js';
import { createProgram } from './program.js';
import { remedyFor } from './remedy.js';
import { createTerminal } from './terminal.js';

/** Runs the command line of a process. Returns its exit code; never throws. */
export async function run(io: Io): Promise<ExitCode> {
  // A reader that has seen enough (`| head`) closes the pipe: that is no error.
  for (const stream of [io.stdout, io.stderr]) stream.on('error', ignoreClosedPipe);
  const interrupt = new AbortController();
  // Every connection and request waits on this one signal: many listeners are no leak here.
  setMaxListeners(0, interrupt.signal);
  const onSignal = (): void => {
    // A second signal finds no listener and ends the process at once, as people expect when the first takes long.
    io.off('SIGINT', onSignal);
    io.off('SIGTERM', onSignal);
    interrupt.abort(new SealwatchError('INTERRUPTED', 'interrupted'));
  };
  io.on('SIGINT', onSignal);
  io.on('SIGTERM', onSignal);
  let exitCode: ExitCode = 0;
  try {
    const program = await createProgram(
      io,
      (options) => runnerFor(io, options, interrupt.signal, (code) => (exitCode = code)),
      io.argv.slice(2),
    );
    await program.parseAsync([...io.argv]);
    return exitCode;
  } catch (error) {
    return report(error, io);
  } finally {
    io.off('SIGINT', onSignal);
    io.off('SIGTERM', onSignal);
  }
}

function runnerFor(
  io: Io,
  options: () => Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  finish: (code: ExitCode) => void,
): Runner {
  return (action) =>
    async (...input) => {
      const flags = toGlobalFlags(options());
      const cli: Cli = { io, env: io.env, flags, terminal: createTerminal(io, flags), signal };
      const outcome = await action(cli, ...input);
      show(outcome, cli);
      finish(outcome.exitCode);
    };
}

function show(outcome: Outcome, { flags, terminal }: Cli): void {
  const json = { exitCode: outcome.exitCode, ...outcome.json };
  if (!flags.json) outcome.print(terminal);
  else if (outcome.endsStream === true) terminal.line(JSON.stringify(json));
  else terminal.json(json);
}

function report(error: unknown, io: Io): ExitCode {
  // Commander has written its message, or the help, itself.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const isUsage = error instanceof CommanderError;
  const code = isUsage ? 'USAGE' : codeOf(error);
  const message = isUsage ? usageMessage(error) : messageOf(error);
  const exitCode = exitCodeOf(code);
  if (io.argv.includes('--json')) {
    io.stdout.write(`${JSON.stringify({ exitCode, error: { code, message } }, undefined, 2)}\n`);
  } else {
    const remedy = remedyFor(code);
    io.stderr.write(`error ${code}: ${message}\n${remedy === undefined ? '' : `  ${remedy}\n`}`);
  }
  if (isDebug(io) && error instanceof Error) io.stderr.write(`${error.stack ?? ''}\n`);
  return exitCode;
}

function usageMessage({ code, message }: CommanderError): string {
  return code === 'commander.help' ? 'name a command' : message.replace(/^error: /, '');
}

function isDebug(io: Io): boolean {
  return (io.env['SEALWATCH_DEBUG'] ?? '') !== '';
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
