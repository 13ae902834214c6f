import type { Completable, DescribedCommand, DescribedOption } from './describe-program.js';

/** Returns the completion for fish. */
export function fishCompletion(commands: readonly DescribedCommand[]): string {
  return `# fish completion for sealwatch, made by "sealwatch completion fish"
function __sealwatch_at
    set -l found ''
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        if contains -- "$found:$word" ${withValues(commands).join(' ')}; or contains -- $word ${globalWithValues(commands).join(' ')}
            set skip 1
            continue
        end
        set -l next (string trim -- "$found $word")
        if contains -- $next ${commands
          .slice(1)
          .map(({ words }) => fishWord(words))
          .join(' ')}
            set found $next
        end
    end
    test "$found" = "$argv[1]"
end

function __sealwatch_servers
    set -l config
    set -l words (commandline -opc)
    set -l at (contains -i -- --config $words)
    and set -- config --config $words[(math $at + 1)]
    sealwatch $config complete-servers 2>/dev/null </dev/null
end

complete -c sealwatch -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf(one: DescribedCommand): readonly string[] {
  const at = `complete -c sealwatch -n ${fishWord(`__sealwatch_at ${fishWord(one.words)}`)}`;
  const takes = one.subcommands.length > 0 ? [] : [completes(one.takes)].filter((text) => text !== '');
  return [
    ...one.subcommands.map(({ name, description }) => `${at} -a ${name} -d ${fishWord(description)}`),
    ...takes.map((text) => `${at} ${text}`),
    ...one.options.map((option) => `${one.words === '' ? 'complete -c sealwatch' : at} ${optionLine(option)}`),
  ];
}

function optionLine({ name, description, value }: DescribedOption): string {
  const long = `-l ${name.slice(2)} -d ${fishWord(description)}`;
  return value === undefined ? long : `${long} -r ${completes(value)}`.trimEnd();
}

function completes(value: Completable): string {
  switch (value.kind) {
    case 'choices':
      return `-f -a ${fishWord(value.choices.join(' '))}`;
    case 'servers':
      return "-f -a '(__sealwatch_servers)'";
    case 'files':
      return '-F';
    case 'text':
      return '';
  }
}

function withValues(commands: readonly DescribedCommand[]): readonly string[] {
  return commands.flatMap(({ words, options }) =>
    options.filter(({ value }) => value !== undefined).map(({ name }) => fishWord(`${words}:${name}`)),
  );
}

function globalWithValues([program]: readonly DescribedCommand[]): readonly string[] {
  return (program?.options ?? []).filter(({ value }) => value !== undefined).map(({ name }) => name);
}

/** In fish's single quotes the backslash and the quote are escaped by a backslash. */
function fishWord(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
