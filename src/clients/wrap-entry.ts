import { isMembers } from './read-target.js';
import { type Replacement, textAt } from './replacement.js';

/** A command and its arguments. */
export type Words = readonly [command: string, ...args: string[]];

/**
 * Returns what makes an entry start something else: its command and its arguments, in the form in which it has them; `undefined`
 * where it has no command.
 *
 * @param text the client's file, JSON with comments, without a byte order mark.
 */
export function wrapEntry(
  text: string,
  path: Replacement['path'],
  entry: unknown,
  words: Words,
): readonly Replacement[] | undefined {
  if (!isMembers(entry)) return undefined;
  const { command } = entry;
  const [program, ...args] = words;
  const replacement = (at: readonly string[], value: string): Replacement => {
    const place = [...path, ...at];
    return { path: place, before: textAt(text, place) ?? null, after: value };
  };
  // OpenCode: the command is a list with its arguments.
  if (Array.isArray(command)) return [replacement(['command'], listText(words))];
  if (typeof command === 'string')
    return [replacement(['command'], JSON.stringify(program)), replacement(['args'], listText(args))];
  // Older settings of Zed: the command is an object.
  return isMembers(command) && typeof command['path'] === 'string'
    ? [replacement(['command', 'path'], JSON.stringify(program)), replacement(['command', 'args'], listText(args))]
    : undefined;
}

function listText(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}
