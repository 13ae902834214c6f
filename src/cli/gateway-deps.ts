import { messageOf } from '../errors.js';
import { CallCounter } from '../gateway/call-counter.js';
import { Circuits } from '../gateway/circuits.js';
import type { GatewayDeps } from '../gateway/deps.js';
import { throughCircuits } from '../gateway/through-circuits.js';
import { createOpenUpstream } from '../mcp/open-upstream.js';
import type { CallLogSettings } from '../model/call.js';
import type { MonitorDeps } from '../monitor/deps.js';
import { startTracing } from '../telemetry/tracing.js';
import type { Cli } from './cli.js';
import { createOutputChecker } from './output-checker.js';
import { packageVersion } from './package-root.js';
import { pageUrl } from './page-url.js';
import { openVault, type Session } from './session.js';
import { systemClock } from './system.js';

/** How often it is looked whether calls are kept for too long, or take too much room. */
const TRIM_EVERY_MS = 60_000;

/** Does something with what the gateway works with, and ends its threads. */
export async function withGatewayDeps<Result>(
  cli: Cli,
  { config, deps, servers, pack }: Session,
  action: (deps: GatewayDeps) => Promise<Result>,
): Promise<Result> {
  const signsIn = servers.some(({ connection }) => connection.kind === 'http' && connection.oauth !== undefined);
  const vault = signsIn ? { vault: openVault(cli, config.stateDir, deps.store) } : {};
  const { log } = config.gateway;
  const { callLog, ...others } = deps;
  const tracing = await startTracing(cli.env, packageVersion(), deps.logger);
  const outputs = createOutputChecker(pack, config.rules);
  const circuits = new Circuits({ clock: systemClock, logger: deps.logger });
  const stopTrimming = keepTrimmed(deps, log);
  try {
    return await action({
      ...others,
      ...(log.isOn && callLog !== undefined ? { callLog } : {}),
      telemetry: { ...deps.telemetry, span: tracing.span },
      outputs,
      calls: new CallCounter(),
      redact: log.redact,
      version: packageVersion(),
      circuits,
      openUpstream: throughCircuits(createOpenUpstream({ clock: systemClock, ...vault }), circuits),
      requestUrl: (request) => `${pageUrl(config.serve)}/requests/${request}`,
      consentUrl: (id) => `${pageUrl(config.serve)}/consents/${id}`,
    });
  } finally {
    await stopTrimming();
    await outputs.close();
    await tracing.stop();
  }
}

/** Removes calls that are kept for too long, now and every minute; returns what ends that. Also where no more are logged. */
function keepTrimmed({ callLog, logger }: MonitorDeps, { keepMs, maxBytes }: CallLogSettings): () => Promise<void> {
  const trim = async (): Promise<void> => {
    const before = new Date(systemClock.now().getTime() - keepMs).toISOString();
    try {
      await callLog?.forget({ before, maxBytes });
    } catch (error) {
      logger.warn(`old calls were not removed from the log: ${messageOf(error)}`);
    }
  };
  let running = trim();
  const timer = setInterval(() => {
    running = running.then(trim);
  }, TRIM_EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
