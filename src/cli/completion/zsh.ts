import type { Completable, DescribedCommand } from './describe-program.js';
import { optionValues, pathCases, shellWord, valuePattern } from './posix-cases.js';

/** Returns the completion for zsh: to be sourced, or a file `_sealwatch` in a folder of `fpath`. */
export function zshCompletion(commands: readonly DescribedCommand[]): string {
  return `#compdef sealwatch
# zsh completion for sealwatch, made by "sealwatch completion zsh"
_sealwatch() {
  local command='' option='' word index
  local -a config flags subcommands names
  for ((index = 2; index < CURRENT; index++)); do
    word="\${words[index]}"
    if [[ -n $option ]]; then
      if [[ $option == --config ]]; then config=(--config "\${(Q)word}"); fi
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
        .map(({ pattern, value }) => `${pattern}) ${completes(value)} ;;`)
        .join('\n      ')}
    esac
    return
  fi
  if [[ $PREFIX == -* ]]; then
    flags=(${described(commands[0]?.options ?? [])})
    case "$command" in
      ${commands
        .filter(({ words }) => words !== '')
        .map(({ words, options }) => `${shellWord(words)}) flags+=(${described(options)}) ;;`)
        .join('\n      ')}
    esac
    _describe -o option flags
    return
  fi
  case "$command" in
    ${commands.map((one) => `${shellWord(one.words)}) ${wordsOf(one)} ;;`).join('\n    ')}
  esac
}
if [[ "\${funcstack[1]}" == _sealwatch ]]; then _sealwatch "$@"; else compdef _sealwatch sealwatch; fi
`;
}

function wordsOf({ subcommands, takes }: DescribedCommand): string {
  return subcommands.length === 0
    ? completes(takes)
    : `subcommands=(${described(subcommands)}); _describe command subcommands`;
}

function completes(value: Completable): string {
  switch (value.kind) {
    case 'choices':
      return `compadd -- ${value.choices.map(shellWord).join(' ')}`;
    case 'servers':
      return String.raw`names=(${'$'}{(f)"$(sealwatch "${'$'}{config[@]}" complete-servers 2>/dev/null </dev/null)"}); compadd -- "${'$'}{names[@]}"`;
    case 'files':
      return '_files';
    case 'text':
      return ':';
  }
}

/** A colon ends the name. */
function described(items: readonly { readonly name: string; readonly description: string }[]): string {
  return items
    .map(({ name, description }) => shellWord(`${name.replaceAll(':', String.raw`\:`)}:${description}`))
    .join(' ');
}
