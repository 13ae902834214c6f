import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { login } from '../../mcp/login.js';
import { forgetKept } from '../../mcp/oauth-provider.js';
import type { HttpConnection, Server } from '../../model/server.js';
import { quote } from '../../quote.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { packageVersion } from '../package-root.js';
import { openVault, withSession } from '../session.js';
import { systemClock, systemRandom } from '../system.js';

const LOGIN_HELP = `
Needs "oauth: true" in the entry of the server. The link is printed, and at a
terminal it is opened in your browser; it has to be one on this machine, where
the answer comes back. Tokens are kept in the store, sealed with the key in
SEALWATCH_KEY, that which the command in SEALWATCH_KEY_COMMAND prints (of a
keyring, say), or in vault.key of the state directory.

Examples:
  sealwatch login linear
  sealwatch login linear --no-browser --timeout 60`;

/** Adds `login` and `logout`. */
export function addLogin(program: Command, run: Runner): void {
  program
    .command('login')
    .argument('<server>', 'a server of the configuration')
    .option('--timeout <seconds>', 'how long to wait for the browser', '300')
    .option('--no-browser', 'only print the link, and open nothing')
    .description('sign in to a server by OAuth')
    .addHelpText('after', LOGIN_HELP)
    .action(run(signIn));
  program
    .command('logout')
    .argument('<server>', 'a server of the configuration')
    .description('forget the tokens of a server')
    .addHelpText(
      'after',
      '\nThe tokens are not revoked at the server: do that there.\n\nExamples:\n  sealwatch logout linear',
    )
    .action(run(signOut));
}

interface LoginFlags {
  readonly timeout: string;
  readonly browser: boolean;
}

async function signIn(cli: Cli, id: string, options: LoginFlags): Promise<Outcome> {
  const seconds = Number(options.timeout);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new SealwatchError('USAGE', '--timeout must be a number of seconds');
  return await withSession(cli, async ({ config, servers, deps }) => {
    const { server, connection } = find(servers, id);
    await login(server, connection, {
      clock: systemClock,
      random: systemRandom,
      vault: openVault(cli, config.stateDir, deps.store),
      clientVersion: packageVersion(),
      onLink: (url) => {
        // Also where notes are not wanted: without the link nobody can sign in.
        cli.io.stderr.write(`Signing in to ${server.id} at ${quote(url.origin, 120)}.\n`);
        cli.io.stderr.write(`Open this link in a browser on this machine:\n\n  ${url.href}\n\n`);
        if (options.browser && cli.terminal.isInteractive) openBrowser(url);
      },
      signal: AbortSignal.any([cli.signal, AbortSignal.timeout(seconds * 1_000)]),
    });
    return {
      exitCode: 0,
      json: { server: server.id, signedIn: true },
      print: (terminal) => {
        terminal.line(`Signed in to ${server.id}. The next check uses it: sealwatch scan ${server.id}`);
      },
    };
  });
}

/** Where there is no browser to be opened, there is the link. */
function openBrowser(url: URL): void {
  void import('open').then(({ default: open }) => open(url.href)).catch(() => undefined);
}

async function signOut(cli: Cli, id: string): Promise<Outcome> {
  return await withSession(cli, async ({ config, servers, deps }) => {
    const { server } = find(servers, id);
    await forgetKept(openVault(cli, config.stateDir, deps.store), server.id);
    return {
      exitCode: 0,
      json: { server: server.id, signedIn: false },
      print: (terminal) => {
        terminal.line(`Forgot the tokens of ${server.id}. They are not revoked at the server: do that there.`);
      },
    };
  });
}

function find(
  servers: readonly Server[],
  id: string,
): { readonly server: Server; readonly connection: HttpConnection } {
  const server = servers.find((one) => one.id === id);
  if (server === undefined) throw new SealwatchError('NOT_FOUND', `no server ${quote(id, 80)} in the configuration`);
  const { connection } = server;
  if (connection.kind === 'http' && connection.oauth !== undefined) return { server, connection };
  throw new SealwatchError('USAGE', `${server.id} needs a url and "oauth: true" in its entry`);
}
