import type { Command, Option } from 'commander';

/** What an argument of a command, or the value of an option, is: as far as a shell can complete it. */
export type Completable =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'servers' }
  | { readonly kind: 'text' };

/** An option by its long name; `value` is undefined where it takes none. */
export interface DescribedOption {
  readonly name: string;
  readonly description: string;
  readonly value: Completable | undefined;
}

/** A command by its words, such as `audit verify`; the program itself has none. */
export interface DescribedCommand {
  readonly words: string;
  readonly command: Command;
  readonly description: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly DescribedOption[];
  readonly takes: Completable;
}

/** Returns the program and every command that its help lists, in that order, with what they take. */
export function describeProgram(program: Command): readonly DescribedCommand[] {
  return describe(program, '');
}

function describe(command: Command, words: string): readonly DescribedCommand[] {
  const help = command.createHelp();
  const visible = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  return [
    {
      words,
      command,
      description: command.description(),
      subcommands: visible.map((one) => ({ name: one.name(), description: one.description() })),
      options: help.visibleOptions(command).flatMap(describeOption),
      takes: argumentOf(command),
    },
    ...visible.flatMap((one) => describe(one, `${words} ${one.name()}`.trim())),
  ];
}

function describeOption(option: Option): readonly DescribedOption[] {
  if (option.long === undefined) return [];
  const takesValue = option.required || option.optional;
  const value = takesValue ? completable(valueName(option.flags), option.argChoices) : undefined;
  return [{ name: option.long, description: option.description, value }];
}

function valueName(flags: string): string {
  return /[<[]([^>\]]*)[>\]]/.exec(flags)?.[1] ?? '';
}

/** The first argument stands for all: no command takes a server and then something else that could be completed. */
function argumentOf(command: Command): Completable {
  const [first] = command.registeredArguments;
  return first === undefined ? { kind: 'text' } : completable(first.name(), first.argChoices);
}

function completable(name: string, choices: readonly string[] | undefined): Completable {
  if (choices !== undefined) return { kind: 'choices', choices };
  if (['file', 'dir', 'folder'].includes(name)) return { kind: 'files' };
  return /^(url or )?servers?$/.test(name) ? { kind: 'servers' } : { kind: 'text' };
}
