import type { Completable, DescribedCommand } from './describe-program.js';

/** Returns `text` as one word of a POSIX shell, in single quotes. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Returns the branches that lead from a command and the next word to a subcommand, for bash and zsh. */
export function pathCases(commands: readonly DescribedCommand[]): readonly string[] {
  return commands.flatMap(({ words, subcommands }) =>
    subcommands.map(
      ({ name }) => `${shellWord(`${words}/${name}`)}) command=${shellWord(`${words} ${name}`.trim())} ;;`,
    ),
  );
}

/** Returns the pattern of what stands between a command and the value of one of its options: `command:--option`. */
export function valuePattern(commands: readonly DescribedCommand[]): string {
  return optionValues(commands)
    .map(({ pattern }) => pattern)
    .join('|');
}

/** Returns for each option that takes a value the pattern that it is known by, and the value. */
export function optionValues(
  commands: readonly DescribedCommand[],
): readonly { readonly pattern: string; readonly value: Completable }[] {
  return commands.flatMap(({ words, options }) =>
    options.flatMap(({ name, value }) =>
      // The program's own options may stand behind every command.
      value === undefined ? [] : [{ pattern: words === '' ? `*:${name}` : shellWord(`${words}:${name}`), value }],
    ),
  );
}
