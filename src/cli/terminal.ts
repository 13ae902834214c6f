import type { Urgency } from '../model/drift.js';
import { SIGN } from '../render/lines-to-text.js';
import type { Line } from '../render/request-lines.js';
import type { GlobalFlags } from './flags.js';
import type { Io } from './io.js';
import { createPaint, type Paint } from './paint.js';

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  readonly paint: Paint;
  /** Columns that output may use. */
  readonly width: number;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  /** Writes one line of the result. Empty without an argument. */
  readonly line: (text?: string) => void;
  json(value: unknown): void;
  /** Writes a change as it is rendered everywhere, coloured here. */
  change(lines: readonly Line[]): void;
  /** Says on standard error what is going on; nothing with `--quiet`. */
  readonly note: (text: string) => void;
  /** Like {@link note}, also with `--quiet`: somebody has to know. */
  readonly warn: (text: string) => void;
  /** A line that the next one replaces; only where standard error is a terminal. */
  progress(text: string): void;
}

/** Wider lines are harder to read, whatever the screen. */
const MAX_WIDTH = 100;
const DEFAULT_WIDTH = 80;

/** Returns the terminal of a process. Colour only where standard output is one, and neither `--no-color` nor `NO_COLOR` is set. */
export function createTerminal(io: Io, flags: GlobalFlags): Terminal {
  const { stdin, stdout, stderr, env } = io;
  const wantsColour = flags.color && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const paint = createPaint(wantsColour && stdout.isTTY);
  const clear = stderr.isTTY ? '\r\u001b[2K' : '';
  let isProgressShown = false;
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    if (isProgressShown) stderr.write(clear);
    isProgressShown = false;
    stream.write(`${text}\n`);
  };
  return {
    paint,
    width: stdout.isTTY ? Math.min(stdout.columns || DEFAULT_WIDTH, MAX_WIDTH) : DEFAULT_WIDTH,
    isInteractive: stdin.isTTY && stdout.isTTY,
    line: (text = '') => {
      write(stdout, text);
    },
    json: (value) => {
      write(stdout, JSON.stringify(value, undefined, 2));
    },
    change: (lines) => {
      for (const line of paintedLines(lines, paint)) write(stdout, line);
    },
    note: (text) => {
      if (!flags.quiet) write(stderr, text);
    },
    warn: (text) => {
      write(stderr, text);
    },
    progress: (text) => {
      if (flags.quiet || !stderr.isTTY) return;
      stderr.write(`${clear}${text.slice(0, DEFAULT_WIDTH - 1)}`);
      isProgressShown = true;
    },
  };
}

/** Returns a word in the colour of its urgency. */
export function paintUrgency(urgency: Urgency, paint: Paint): string {
  switch (urgency) {
    case 'critical':
      return paint.bold(paint.red(urgency));
    case 'high':
      return paint.red(urgency);
    case 'low':
      return paint.yellow(urgency);
    case 'info':
      return paint.dim(urgency);
  }
}

/** Returns a change as a terminal shows it. */
export function paintedLines(lines: readonly Line[], paint: Paint): readonly string[] {
  return lines.map((line) => paintLine(line, paint));
}

function paintLine(line: Line, paint: Paint): string {
  const text = `${SIGN[line.kind]}${line.text}`.trimEnd();
  switch (line.kind) {
    case 'title':
      return paint.bold(text);
    case 'added':
      return paint.green(text);
    case 'removed':
      return paint.red(text);
    case 'finding':
      return paint.magenta(text);
    case 'note':
      return paint.dim(text);
    case 'text':
    case 'context':
    case 'blank':
      return text;
  }
}
