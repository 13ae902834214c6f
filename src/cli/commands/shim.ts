import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { OneServer } from '../../gateway/one-server.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { converse } from '../converse.js';
import { withGatewayDeps } from '../gateway-deps.js';
import { selectServers, withSession } from '../session.js';
import { stopped } from './watch.js';

const HELP = `
Stands between a client and one server of the configuration: the client starts
this command, and hears only what is approved. In the client's configuration,
"command" becomes sealwatch and "args" becomes ["run", "github"].

What is not approved is neither listed nor called; what passes once it is
approved, passes at once. Needs the store: see sealwatch init.

Examples:
  sealwatch run github
  sealwatch --config ~/sealwatch.yaml run github`;

/** Adds `run`: the gateway for one server, over standard input and output. */
export function addShim(program: Command, run: Runner): void {
  program
    .command('run')
    .argument('<server>', 'a server of the configuration')
    .description('stand between a client and a server; only what is approved passes')
    .addHelpText('after', HELP)
    .action(run(shim));
}

async function shim(cli: Cli, name: string): Promise<Outcome> {
  return await withSession(cli, async (session) => {
    const [server] = selectServers([name], session.config);
    if (server === undefined) throw new SealwatchError('NOT_FOUND', 'no such server');
    const reason = await withGatewayDeps(cli, session, async (deps) =>
      converse(cli, (end, onEnded) => new OneServer(server, deps, end, onEnded)),
    );
    // Standard output belongs to the protocol: what went wrong is told where clients keep their logs.
    if (reason !== undefined) throw reason;
    return { ...stopped(), json: {}, print: () => undefined };
  });
}
