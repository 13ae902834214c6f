import type { Completable, DescribedCommand } from './describe-program.js';
import { optionValues, pathCases, shellWord, valuePattern } from './posix-cases.js';

/**
 * Returns the completion for bash, 3.2 and newer.
 *
 * Candidates are compared and never expanded: `compgen -W` would evaluate what stands in them.
 */
export function bashCompletion(commands: readonly DescribedCommand[]): string {
  return `# bash completion for sealwatch, made by "sealwatch completion bash"
_sealwatch() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command='' option='' candidates='' word index
  local -a config=()
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [[ -n $option ]]; then
      if [[ $option == --config ]]; then config=(--config "$word"); fi
      option=''
      continue
    fi
    case "$command:$word" in
      ${valuePattern(commands)}) option="$word" ;;
    esac
    case "$command/$word" in
      ${pathCases(commands).join('\n      ')}
    esac
  done
  if [[ -n $option ]]; then
    case "$command:$option" in
      ${optionValues(commands)
        .map(({ pattern, value }) => `${pattern}) ${candidatesOf(value)} ;;`)
        .join('\n      ')}
    esac
  elif [[ $current == -* ]]; then
    case "$command" in
      ${commands.map((one) => `${shellWord(one.words)}) candidates=${shellWord(optionNames(one, commands))} ;;`).join('\n      ')}
    esac
  else
    case "$command" in
      ${commands.map((one) => `${shellWord(one.words)}) ${wordsOf(one)} ;;`).join('\n      ')}
    esac
  fi
  for word in $candidates; do
    if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
  done
}
complete -o default -F _sealwatch sealwatch
`;
}

function wordsOf({ subcommands, takes }: DescribedCommand): string {
  if (subcommands.length === 0) return candidatesOf(takes);
  return `candidates=${shellWord(subcommands.map(({ name }) => name).join(' '))}`;
}

/** With no candidates, bash completes names of files. */
function candidatesOf(value: Completable): string {
  switch (value.kind) {
    case 'choices':
      return `candidates=${shellWord(value.choices.join(' '))}`;
    case 'servers':
      return String.raw`candidates="$(sealwatch "${'$'}{config[@]+"${'$'}{config[@]}"}" complete-servers 2>/dev/null </dev/null)"`;
    case 'files':
    case 'text':
      return ':';
  }
}

function optionNames({ words, options }: DescribedCommand, commands: readonly DescribedCommand[]): string {
  const own = words === '' ? [] : options;
  return [...own, ...(commands[0]?.options ?? [])]
    .map(({ name }) => name)
    .filter((name, index, all) => all.indexOf(name) === index)
    .join(' ');
}
