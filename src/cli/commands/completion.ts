import { Argument, type Command } from 'commander';

import type { Cli, Outcome, Runner } from '../cli.js';
import { bashCompletion } from '../completion/bash.js';
import { type DescribedCommand, describeProgram } from '../completion/describe-program.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';
import { readConfig } from '../session.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const EXAMPLES = `
Completes commands, options, and the servers of the configuration.

Examples:
  echo 'source <(sealwatch completion bash)' >> ~/.bashrc
  echo 'source <(sealwatch completion zsh)' >> ~/.zshrc      after compinit
  sealwatch completion fish > ~/.config/fish/completions/sealwatch.fish`;

/** Adds `completion`, and the hidden `complete-servers` that its scripts ask for names. */
export function addCompletion(program: Command, run: Runner): void {
  program
    .command('completion')
    .description('print a script with which a shell completes commands, options and servers')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action(run((_cli: Cli, shell: Shell) => Promise.resolve(completion(shell, describeProgram(program)))));
  program
    .command('complete-servers', { hidden: true })
    .description('print the names of the servers of the configuration, one a line')
    .addHelpText('after', '\nExamples:\n  sealwatch --config other.yaml complete-servers')
    .action(run(completeServers));
}

function completion(shell: Shell, commands: readonly DescribedCommand[]): Outcome {
  const script = scriptFor(shell, commands);
  return {
    exitCode: 0,
    json: { shell, script },
    print: (terminal) => {
      for (const line of script.trimEnd().split('\n')) terminal.line(line);
    },
  };
}

function scriptFor(shell: Shell, commands: readonly DescribedCommand[]): string {
  switch (shell) {
    case 'bash':
      return bashCompletion(commands);
    case 'zsh':
      return zshCompletion(commands);
    case 'fish':
      return fishCompletion(commands);
  }
}

function completeServers(cli: Cli): Promise<Outcome> {
  const servers = readConfig(cli).servers.map(({ id }) => id);
  return Promise.resolve({
    exitCode: 0,
    json: { servers },
    print: (terminal) => {
      for (const id of servers) terminal.line(id);
    },
  });
}
