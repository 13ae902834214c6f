import { createServer } from 'node:http';

import type { Command } from 'commander';

import type { GatewayConfig } from '../../config/config.js';
import { isLoopback } from '../../config/is-loopback.js';
import { SealwatchError } from '../../errors.js';
import type { GatewayDeps } from '../../gateway/deps.js';
import type { Server } from '../../model/server.js';
import { authorizedBy, createGateway } from '../../gateway/create-gateway.js';
import { SeveralServers } from '../../gateway/several-servers.js';
import { counted } from '../../render/counted.js';
import { inNetworks } from '../../web/networks.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { converse } from '../converse.js';
import { withGatewayDeps } from '../gateway-deps.js';
import { close, LIMITS, listen } from '../listen.js';
import { packageVersion } from '../package-root.js';
import { pageUrl } from '../page-url.js';
import { selectServers, type Session, withSession } from '../session.js';
import { createTlsListener } from '../tls-listener.js';
import { toPort } from '../to-port.js';
import { stopped } from './watch.js';

const HELP = `
Serves clients over Streamable HTTP: /mcp is all servers as one, with tools
named github__create_issue; /servers/github/mcp is one of them. Only what is
approved passes. Where other machines reach it, it needs TLS and access tokens:
the section "gateway" of the configuration. Stops on SIGINT and SIGTERM.
With --stdio a client starts it: all servers as one, over standard input and
output, as an entry of the client's configuration.

Examples:
  sealwatch gateway
  sealwatch gateway github --port 9000
  sealwatch gateway --stdio`;

/** Adds `gateway`: the gateway for clients over HTTP. */
export function addGateway(program: Command, run: Runner): void {
  program
    .command('gateway')
    .argument('[server...]', 'names from the configuration; all of them otherwise')
    .description('stand between clients and servers; only what is approved passes')
    .option('--port <port>', 'instead of gateway.port of the configuration; 0 for any free one', toPort)
    .option('--stdio', 'for the client that starts this: all servers as one, over standard input and output')
    .addHelpText('after', HELP)
    .action(run(gateway));
}

interface Flags {
  readonly port?: number;
  readonly stdio?: true;
}

async function gateway(cli: Cli, names: readonly string[], options: Flags): Promise<Outcome> {
  if (options.stdio === true && options.port !== undefined)
    throw new SealwatchError('USAGE', '--stdio listens on no port: leave --port out');
  return await withSession(
    cli,
    async (session) => {
      if (options.stdio === true) return await overStdio(cli, names, session);
      const port = options.port ?? session.config.gateway.port;
      await withGatewayDeps(cli, session, async (deps) => {
        await serve(cli, selectServers(names, session.config), { ...session.config.gateway, port }, deps);
      });
      return { ...stopped(), print: () => undefined };
    },
    // What one server sends must not make the others wait.
    { small: 0 },
  );
}

/** Standard output belongs to the protocol. */
async function overStdio(cli: Cli, names: readonly string[], session: Session): Promise<Outcome> {
  const servers = selectServers(names, session.config);
  await withGatewayDeps(cli, session, async (deps) => converse(cli, (end) => new SeveralServers(servers, deps, end)));
  return { ...stopped(), json: {}, print: () => undefined };
}

async function serve(cli: Cli, servers: readonly Server[], config: GatewayConfig, deps: GatewayDeps): Promise<void> {
  const http = config.tls === undefined ? createServer(LIMITS) : createTlsListener(config.tls, LIMITS).listener;
  const actual = await listen(http, config);
  // Loaded here: other commands need no time for figures.
  const { createGatewayMetrics } = await import('../../telemetry/gateway-metrics.js');
  const url = pageUrl({ ...config, port: actual });
  const { close: end, listener } = createGateway({
    servers,
    deps,
    authorize: authorizedBy(config.auth, url, deps),
    hosts: [new URL(url).host, `127.0.0.1:${actual}`, `localhost:${actual}`, ...config.allowedHosts].map((host) =>
      host.toLowerCase(),
    ),
    reach: {
      isTrustedProxy: inNetworks(config.trustedProxies),
      reachedBy: config.tls === undefined && !isLoopback(config.host) ? 'proxies' : 'anyone',
      isSecure: url.startsWith('https:'),
    },
    probes: {
      store: deps.store,
      figures: createGatewayMetrics(packageVersion(), () => deps.circuits.states()),
    },
  });
  http.on('request', listener);
  cli.terminal.note(`gateway for ${counted(servers.length, 'server')} at ${url}/mcp; Ctrl-C ends`);
  await new Promise<void>((resolve) => {
    if (cli.signal.aborted) resolve();
    cli.signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
  await end();
  await close(http);
}
