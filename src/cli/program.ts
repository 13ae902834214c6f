import { Command } from 'commander';

import type { Runner } from './cli.js';
import { addApprove } from './commands/approve.js';
import { addApprover } from './commands/approver.js';
import { addAudit } from './commands/audit.js';
import { addCalls } from './commands/calls.js';
import { addCheck } from './commands/check.js';
import { addCompletion } from './commands/completion.js';
import { addConfig } from './commands/config.js';
import { addDemo } from './commands/demo.js';
import { addDiff } from './commands/diff.js';
import { addDiscover } from './commands/discover.js';
import { addGateway } from './commands/gateway.js';
import { addHistory } from './commands/history.js';
import { addImport } from './commands/import.js';
import { addInit } from './commands/init.js';
import { addLock } from './commands/lock.js';
import { addLogin } from './commands/login.js';
import { addPending } from './commands/pending.js';
import { addPins } from './commands/pins.js';
import { addPosture } from './commands/posture.js';
import { addProvenance } from './commands/provenance.js';
import { addReject } from './commands/reject.js';
import { addResolve } from './commands/resolve.js';
import { addRevoke } from './commands/revoke.js';
import { addRules } from './commands/rules.js';
import { addSbom } from './commands/sbom.js';
import { addScan } from './commands/scan.js';
import { addSelftest } from './commands/selftest.js';
import { addServe } from './commands/serve.js';
import { addShow } from './commands/show.js';
import { addToken } from './commands/token.js';
import { addVault } from './commands/vault.js';
import { addUnwrap } from './commands/unwrap.js';
import { addWaive } from './commands/waive.js';
import { addShim } from './commands/shim.js';
import { addWatch } from './commands/watch.js';
import { addWrap } from './commands/wrap.js';
import { packageVersion } from './package-root.js';

/** Adds one command. */
type AddCommand = (program: Command, run: Runner) => void;

/** The order in which the help lists them: that of a newcomer's path. */
const COMMANDS: readonly AddCommand[] = [
  addInit,
  addScan,
  addPending,
  addDiff,
  addApprove,
  addReject,
  addRevoke,
  addWaive,
  addHistory,
  addShow,
  addShim,
  addGateway,
  addWatch,
  addServe,
  addDiscover,
  addWrap,
  addUnwrap,
  addLock,
  addCheck,
  addImport,
  addAudit,
  addCalls,
  addConfig,
  addPins,
  addLogin,
  addPosture,
  addProvenance,
  addResolve,
  addSbom,
  addVault,
  addRules,
  addApprover,
  addToken,
  addSelftest,
  addCompletion,
  addDemo,
];

/** Where help and mistakes go. */
interface HelpOutput {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Returns the program with every command. `runner` gets a way to read the global flags after parsing. */
export function createProgram(
  io: HelpOutput,
  runner: (options: () => Readonly<Record<string, unknown>>) => Runner,
): Command {
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
  for (const add of COMMANDS) add(program, run);
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

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

const EXIT_CODES = `
Exit codes: 0 clean, 1 something needs a person, 2 could not check, 3 usage or
configuration error; the highest that applies.`;
