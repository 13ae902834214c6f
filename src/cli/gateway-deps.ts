import { CallCounter } from '../gateway/call-counter.js';
import type { GatewayDeps } from '../gateway/deps.js';
import { createOpenUpstream } from '../mcp/open-upstream.js';
import type { Cli } from './cli.js';
import { createOutputChecker } from './output-checker.js';
import { packageVersion } from './package-root.js';
import { pageUrl } from './page-url.js';
import { openVault, type Session } from './session.js';
import { systemClock } from './system.js';

/** Does something with what the gateway works with, and ends its threads. */
export async function withGatewayDeps<Result>(
  cli: Cli,
  { config, deps, servers, pack }: Session,
  action: (deps: GatewayDeps) => Promise<Result>,
): Promise<Result> {
  const signsIn = servers.some(({ connection }) => connection.kind === 'http' && connection.oauth !== undefined);
  const vault = signsIn ? { vault: openVault(cli, config.stateDir, deps.store) } : {};
  const outputs = createOutputChecker(pack, config.rules);
  try {
    return await action({
      ...deps,
      outputs,
      calls: new CallCounter(),
      version: packageVersion(),
      openUpstream: createOpenUpstream({ clock: systemClock, ...vault }),
      requestUrl: (request) => `${pageUrl(config.serve)}/requests/${request}`,
    });
  } finally {
    await outputs.close();
  }
}
