import type { Terminal } from './terminal.js';

/** A command to type next, and what it does. */
export type Hint = readonly [command: string, does: string];

/** Writes what to type next. */
export function printHints(hints: readonly Hint[], terminal: Terminal): void {
  if (hints.length === 0) return;
  const width = Math.max(...hints.map(([command]) => command.length));
  terminal.line();
  for (const [command, does] of hints)
    terminal.line(
      `  ${terminal.paint.cyan(command)}${' '.repeat(width - command.length)}  ${terminal.paint.dim(does)}`.trimEnd(),
    );
}
