import { CallCounter } from '../gateway/call-counter.js';
import { Circuits } from '../gateway/circuits.js';
import type { GatewayDeps } from '../gateway/deps.js';
import { throughCircuits } from '../gateway/through-circuits.js';
import { createOpenUpstream } from '../mcp/open-upstream.js';
import { startTracing } from '../telemetry/tracing.js';
import type { Cli } from './cli.js';
import { keepTrimmed } from './keep-trimmed.js';
import { createOutputChecker } from './output-checker.js';
import { packageVersion } from './package-root.js';
import { pageUrl } from './page-url.js';
import { openVault, type Session } from './session.js';
import { systemClock } from './system.js';

/** Does something with what the gateway works with, and ends its threads. */
export async function withGatewayDeps<Result>(
  cli: Cli,
  { config, deps, servers, pack, packages }: Session,
  action: (deps: GatewayDeps) => Promise<Result>,
): Promise<Result> {
  const signsIn = servers.some(({ connection }) => connection.kind === 'http' && connection.oauth !== undefined);
  const vault = signsIn ? { vault: openVault(cli, config.stateDir, deps.store) } : {};
  const { log } = config.gateway;
  const { callLog, ...others } = deps;
  const tracing = await startTracing(cli.env, packageVersion(), deps.logger);
  const outputs = createOutputChecker(pack, config.rules);
  const circuits = new Circuits({ clock: systemClock, logger: deps.logger });
  const trimmed = callLog && keepTrimmed(callLog, log, { clock: systemClock, logger: deps.logger });
  try {
    return await action({
      ...others,
      ...(log.isOn && trimmed !== undefined ? { callLog: trimmed.log } : {}),
      telemetry: { ...deps.telemetry, span: tracing.span },
      outputs,
      calls: new CallCounter(),
      redact: log.redact,
      version: packageVersion(),
      circuits,
      openUpstream: throughCircuits(
        createOpenUpstream({ clock: systemClock, ...vault, ...(packages === undefined ? {} : { packages }) }),
        circuits,
      ),
      requestUrl: (request) => `${pageUrl(config.serve)}/requests/${request}`,
      consentUrl: (id) => `${pageUrl(config.serve)}/consents/${id}`,
    });
  } finally {
    await trimmed?.stop();
    await outputs.close();
    await tracing.stop();
  }
}
