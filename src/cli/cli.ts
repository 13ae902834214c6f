import type { ExitCode } from './exit-code.js';
import type { GlobalFlags } from './flags.js';
import type { Io } from './io.js';
import type { Terminal } from './terminal.js';

/** What every command gets. */
export interface Cli {
  readonly io: Io;
  readonly env: Io['env'];
  readonly flags: GlobalFlags;
  readonly terminal: Terminal;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** What a command came to: printed as text or as JSON, in one place. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** The documented shape, without `exitCode`. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly print: (terminal: Terminal) => void;
  /** The end of a stream of documents, one a line: the last one is a line too. */
  readonly endsStream?: true;
}

/** Turns a command's action into what commander calls. */
export type Runner = <Arguments extends readonly unknown[]>(
  action: (cli: Cli, ...input: Arguments) => Promise<Outcome>,
) => (...input: Arguments) => Promise<void>;
