import { Command } from 'commander';

import type { Runner } from './cli.js';
import { packageVersion } from './package-root.js';

/** Adds one command. */
type AddCommand = (program: Command, run: Runner) => void;

interface CommandFile {
  /** Of the commands that it adds. */
  readonly names: readonly string[];
  readonly load: () => Promise<AddCommand>;
}

/** The order in which the help lists them: that of a newcomer's path. Loaded when needed: all of them take longer than most commands. */
const COMMANDS: readonly CommandFile[] = [
  { names: ['init'], load: async () => (await import('./commands/init.js')).addInit },
  { names: ['scan'], load: async () => (await import('./commands/scan.js')).addScan },
  { names: ['pending'], load: async () => (await import('./commands/pending.js')).addPending },
  { names: ['diff'], load: async () => (await import('./commands/diff.js')).addDiff },
  { names: ['approve'], load: async () => (await import('./commands/approve.js')).addApprove },
  { names: ['reject'], load: async () => (await import('./commands/reject.js')).addReject },
  { names: ['revoke'], load: async () => (await import('./commands/revoke.js')).addRevoke },
  { names: ['waive'], load: async () => (await import('./commands/waive.js')).addWaive },
  { names: ['history'], load: async () => (await import('./commands/history.js')).addHistory },
  { names: ['show'], load: async () => (await import('./commands/show.js')).addShow },
  { names: ['run'], load: async () => (await import('./commands/shim.js')).addShim },
  { names: ['gateway'], load: async () => (await import('./commands/gateway.js')).addGateway },
  { names: ['watch'], load: async () => (await import('./commands/watch.js')).addWatch },
  { names: ['serve'], load: async () => (await import('./commands/serve.js')).addServe },
  { names: ['discover'], load: async () => (await import('./commands/discover.js')).addDiscover },
  { names: ['wrap'], load: async () => (await import('./commands/wrap.js')).addWrap },
  { names: ['unwrap'], load: async () => (await import('./commands/unwrap.js')).addUnwrap },
  { names: ['lock'], load: async () => (await import('./commands/lock.js')).addLock },
  { names: ['check'], load: async () => (await import('./commands/check.js')).addCheck },
  { names: ['import'], load: async () => (await import('./commands/import.js')).addImport },
  { names: ['audit'], load: async () => (await import('./commands/audit.js')).addAudit },
  { names: ['calls'], load: async () => (await import('./commands/calls.js')).addCalls },
  { names: ['config'], load: async () => (await import('./commands/config.js')).addConfig },
  { names: ['pins'], load: async () => (await import('./commands/pins.js')).addPins },
  { names: ['login', 'logout'], load: async () => (await import('./commands/login.js')).addLogin },
  { names: ['posture'], load: async () => (await import('./commands/posture.js')).addPosture },
  { names: ['provenance'], load: async () => (await import('./commands/provenance.js')).addProvenance },
  { names: ['resolve'], load: async () => (await import('./commands/resolve.js')).addResolve },
  { names: ['sbom'], load: async () => (await import('./commands/sbom.js')).addSbom },
  { names: ['vault'], load: async () => (await import('./commands/vault.js')).addVault },
  { names: ['rules'], load: async () => (await import('./commands/rules.js')).addRules },
  { names: ['approver'], load: async () => (await import('./commands/approver.js')).addApprover },
  { names: ['token'], load: async () => (await import('./commands/token.js')).addToken },
  { names: ['selftest'], load: async () => (await import('./commands/selftest.js')).addSelftest },
  {
    names: ['completion', 'complete-servers'],
    load: async () => (await import('./commands/completion.js')).addCompletion,
  },
  { names: ['demo'], load: async () => (await import('./commands/demo.js')).addDemo },
];

/** Where help and mistakes go. */
interface HelpOutput {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * Returns the program with the command that a command line names, and with every command where it names none, or one that needs to know
 * the others. `runner` gets a way to read the global flags after parsing.
 */
export async function createProgram(
  io: HelpOutput,
  runner: (options: () => Readonly<Record<string, unknown>>) => Runner,
  words: readonly string[] = [],
): Promise<Command> {
  const adds = await Promise.all(commandFilesFor(words).map(({ load }) => load()));
  const program = new Command('sealwatch')
    .description(
      'Watches what MCP servers tell a model, and holds every new or changed definition until a person approves it.',
    )
    .version(packageVersion())
    .option('--config <file>', 'configuration (else sealwatch.yaml here or in a parent folder)')
    .option('--state-dir <dir>', 'where the store is kept (else stateDir of the configuration, .sealwatch beside it)')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'no progress and no notes')
    .option('--no-color', 'no colour (also: NO_COLOR)')
    .option('--yes', 'ask nothing')
    .addHelpText('after', EXIT_CODES);
  const run = runner(() => program.opts());
  for (const add of adds) add(program, run);
  for (const command of everyCommand(program)) {
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      .configureOutput({
        writeOut: (text) => void io.stdout.write(text),
        // The message is written once, by us, with its code.
        writeErr: (text) => {
          if (!text.startsWith('error:')) io.stderr.write(text);
        },
      });
  }
  return program;
}

/** What is not understood here is left to the whole program, which says what is wrong with it. */
function commandFilesFor(words: readonly string[]): readonly CommandFile[] {
  const name = commandIn(words);
  const file = COMMANDS.find(({ names }) => name !== undefined && names.includes(name));
  return file === undefined || file.names.includes('completion') ? COMMANDS : [file];
}

function commandIn([word, ...rest]: readonly string[]): string | undefined {
  if (!word?.startsWith('-')) return word;
  if (word === '--config' || word === '--state-dir') return commandIn(rest.slice(1));
  const isKnown = /^--(?:json|quiet|no-color|yes|(?:config|state-dir)=.*)$/s.test(word);
  return isKnown ? commandIn(rest) : undefined;
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

const EXIT_CODES = `
Exit codes: 0 clean, 1 something needs a person, 2 could not check, 3 usage or
configuration error; the highest that applies.`;
