import { createInterface } from 'node:readline/promises';

import type { Cli } from './cli.js';

/** What a person chose of a numbered list. */
export type Choice = 'all' | readonly number[];

/** Asks a person which of a numbered list are meant, until the answer can be understood. Returns numbers from one, in order. */
export async function choose(count: number, cli: Cli): Promise<Choice> {
  const { stdin, stdout } = cli.io;
  const reader = createInterface({ input: stdin, output: stdout });
  try {
    for (;;) {
      const answer = await reader.question('Which ones? all, none, or numbers such as 1,3-4 [none] ', {
        signal: cli.signal,
      });
      const chosen = readChoice(answer, count);
      if (chosen !== undefined) return chosen;
      cli.terminal.note(`not understood: write numbers from 1 to ${count}, all, or none`);
    }
  } finally {
    reader.close();
  }
}

/** Returns what an answer means, numbers in order and each once; `undefined` where it cannot be understood. */
export function readChoice(answer: string, count: number): Choice | undefined {
  const text = answer.trim().toLowerCase();
  if (text === '' || text === 'none' || text === 'n') return [];
  if (text === 'all' || text === 'a') return 'all';
  const chosen = new Set<number>();
  for (const part of text.split(/[\s,]+/)) {
    const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    // Anything that is not in the list may have been meant for another one.
    if (!(first >= 1 && first <= last && last <= count)) return undefined;
    for (let number = first; number <= last; number += 1) chosen.add(number);
  }
  return [...chosen].sort((a, b) => a - b);
}
