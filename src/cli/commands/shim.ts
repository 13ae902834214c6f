import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { ClientSession } from '../../gateway/client-session.js';
import type { GatewayDeps } from '../../gateway/deps.js';
import { OneServer } from '../../gateway/one-server.js';
import { readClientLines } from '../../gateway/read-client-lines.js';
import { StdioClient } from '../../gateway/stdio-client.js';
import { LOCAL_SUBJECT } from '../../model/access.js';
import type { Server } from '../../model/server.js';
import type { Cli, Outcome, Runner } from '../cli.js';
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
  sealwatch --config ~/work/sealwatch.yaml run github`;

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
    const reason = await withGatewayDeps(cli, session, async (deps) => await converse(cli, server, deps));
    cli.io.stdin.destroy();
    // Standard output belongs to the protocol: what went wrong is told where clients keep their logs.
    if (reason !== undefined) throw reason;
    return { ...stopped(), json: {}, print: () => undefined };
  });
}

/** Resolves when the client has gone, or with why the server did. */
async function converse(cli: Cli, server: Server, deps: GatewayDeps): Promise<SealwatchError | undefined> {
  return await new Promise((resolve) => {
    const end = new StdioClient(cli.io.stdout);
    const onEnded = (reason: SealwatchError): void => {
      void client.settled().then(() => {
        resolve(reason);
      });
    };
    const client = new ClientSession(new OneServer(server, deps, end, onEnded), end);
    const leave = (): void => {
      void client.close().then(() => {
        resolve(undefined);
      });
    };
    readClientLines(cli.io.stdin, {
      onMessage: (message) => void client.receive(message, LOCAL_SUBJECT),
      onEnd: leave,
    });
    cli.signal.addEventListener('abort', leave, { once: true });
  });
}
