import { createInterface } from 'node:readline/promises';

import type { Cli } from './cli.js';

/** Returns whether a person says yes. `--yes` says it, and so does having come with a token instead of to a terminal. */
export async function ask(question: string, cli: Cli): Promise<boolean> {
  if (cli.flags.yes || !cli.terminal.isInteractive) return true;
  const { stdin, stdout } = cli.io;
  const reader = createInterface({ input: stdin, output: stdout });
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: cli.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
