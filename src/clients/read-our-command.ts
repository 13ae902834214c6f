import type { Target } from './client.js';

/** A command that puts Sealwatch between a client and servers, as it says itself. */
export interface OurCommand {
  /** The path by which it names the program; `undefined` where it names it as anybody would. */
  readonly path: string | undefined;
  /** The one server that is run; `undefined` where it is the gateway for several. */
  readonly server: string | undefined;
  readonly config: string | undefined;
  readonly stateDir: string | undefined;
}

/**
 * Returns what `sealwatch run` or `sealwatch gateway --stdio` is told; `undefined` for anything else, such as an option that is not
 * known. Whether a path is really our program is for the caller to find out.
 */
export function readOurCommand(target: Target): OurCommand | undefined {
  if (target.kind !== 'stdio') return undefined;
  const program = readProgram([target.command, ...target.args]);
  if (program === undefined) return undefined;
  const { path, words } = program;
  const options = readOptions(words);
  if (options === undefined) return undefined;
  const [command, ...rest] = options.rest;
  const { config, stateDir } = options;
  if (command === 'run') {
    const [server, ...others] = rest;
    return server === undefined || server.startsWith('-') || others.length > 0
      ? undefined
      : { path, server, config, stateDir };
  }
  const isGateway = command === 'gateway' && rest.includes('--stdio');
  const isPlain = rest.every((word) => word === '--stdio' || !word.startsWith('-'));
  return isGateway && isPlain ? { path, server: undefined, config, stateDir } : undefined;
}

interface Program {
  readonly path: string | undefined;
  readonly words: readonly string[];
}

function readProgram([command = '', ...args]: readonly string[]): Program | undefined {
  const isPath = /[/\\]/.test(command);
  const name = command.replace(/^.*[/\\]/, '').replace(/\.(?:exe|cmd|ps1)$/i, '');
  if (name === 'sealwatch') return { path: isPath ? command : undefined, words: args };
  // Attack: a file of any content under the name of a runner.
  if (isPath) return undefined;
  const [first = '', ...rest] = args;
  if (name === 'node') return /[/\\]/.test(first) ? { path: first, words: rest } : undefined;
  if (name !== 'npx') return undefined;
  const [spec = '', ...words] = ['-y', '--yes'].includes(first) ? rest : args;
  return /^sealwatch(?:@\d+\.\d+\.\d+)?$/.test(spec) ? { path: undefined, words } : undefined;
}

interface Options {
  readonly config: string | undefined;
  readonly stateDir: string | undefined;
  readonly rest: readonly string[];
}

function readOptions(words: readonly string[]): Options | undefined {
  const values: Record<'--config' | '--state-dir', string | undefined> = {
    '--config': undefined,
    '--state-dir': undefined,
  };
  for (let at = 0; at < words.length; at += 1) {
    const [, option = '', inline] = /^(--[a-z-]+)(?:=(.*))?$/s.exec(words[at] ?? '') ?? [];
    if (option === '--config' || option === '--state-dir') values[option] = inline ?? words[(at += 1)] ?? '';
    else if (!['--quiet', '--no-color', '--yes'].includes(words[at] ?? ''))
      return { config: values['--config'], stateDir: values['--state-dir'], rest: words.slice(at) };
  }
  return undefined;
}
