import { quote } from '../quote.js';

/** What the options of a command do, as far as it is known; of any other, nobody knows. */
export interface OptionKinds {
  /** They take no value. */
  readonly flags: readonly string[];
  /** They take a value that does not decide what runs. */
  readonly valued?: readonly string[];
  /** Their values are what is installed. */
  readonly naming?: readonly string[];
}

/** The options of a command, and what stands behind them. */
export interface ReadOptions {
  readonly named: readonly string[];
  /** Options with their values, in order. */
  readonly given: readonly (readonly [option: string, value: string])[];
  readonly rest: readonly string[];
  /** Why it cannot be told what the command does. */
  readonly problem?: string;
}

/** Reads options up to the first argument that is none. */
export function readOptions(args: readonly string[], { flags, valued = [], naming = [] }: OptionKinds): ReadOptions {
  const named: string[] = [];
  const given: (readonly [string, string])[] = [];
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') return { named, given, rest: args.slice(at + 1) };
    if (!arg.startsWith('-')) break;
    const [option, inline] = arg.startsWith('--') ? splitOnce(arg) : [arg];
    if (flags.includes(arg)) continue;
    const isNaming = naming.includes(option);
    if (!isNaming && !valued.includes(option))
      return { named, given, rest: [], problem: `of its option ${quote(option, 60)} it is not known what it does` };
    const value = inline ?? args[(at += 1)] ?? '';
    if (isNaming) named.push(value);
    else given.push([option, value]);
  }
  return { named, given, rest: args.slice(at) };
}

function splitOnce(arg: string): readonly [string, string?] {
  const at = arg.indexOf('=');
  return at === -1 ? [arg] : [arg.slice(0, at), arg.slice(at + 1)];
}
