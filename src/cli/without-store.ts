import { SealwatchError } from '../errors.js';
import type { Config } from '../config/config.js';
import { takeSnapshot } from '../integrity/take-snapshot.js';
import { createObserver } from '../mcp/observer.js';
import type { Unchecked } from '../model/inspection.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import type { Snapshot } from '../model/snapshot.js';
import { tryTo } from '../monitor/try-to.js';
import { createWorkLimits } from '../monitor/work-limits.js';
import type { Cli } from './cli.js';
import { packageVersion } from './package-root.js';
import { packagesFor } from './packages.js';
import { systemClock } from './system.js';

/** One server as it was looked at with no store. */
export type Look =
  | { readonly kind: 'seen'; readonly server: Server; readonly observation: Observation; readonly snapshot: Snapshot }
  | Unchecked;

/**
 * Looks at servers, and records nothing. Nobody can be signed in without a store: a server with `oauth: true` could not be checked.
 *
 * @throws {SealwatchError} `INTERRUPTED`
 */
export async function lookAt(servers: readonly Server[], config: Config, cli: Cli): Promise<readonly Look[]> {
  // Nothing is approved here: of a server that runs as approved, what would be tried is looked at.
  const packages = await packagesFor(config, () => Promise.resolve(undefined));
  const observer = createObserver({
    clock: systemClock,
    clientVersion: packageVersion(),
    ...(packages === undefined ? {} : { packages: packages.tried }),
  });
  const looks = await lookWith(servers, config, (server) => observer.observe(server, cli.signal), cli);
  if (cli.signal.aborted) throw new SealwatchError('INTERRUPTED', 'interrupted: not every server was looked at');
  return looks;
}

/** The same with observations from elsewhere. */
export async function lookWith(
  servers: readonly Server[],
  config: Config,
  observe: (server: Server) => Promise<Observation>,
  cli: Cli,
): Promise<readonly Look[]> {
  const limits = createWorkLimits(config);
  let done = 0;
  return await Promise.all(
    servers.map((server) =>
      limits.add(server, async (): Promise<Look> => {
        const look = await tryTo(server, systemClock, async () => see(server, await observe(server)));
        done += 1;
        cli.terminal.progress(done === servers.length ? '' : `${done} of ${servers.length} servers answered`);
        return look;
      }),
    ),
  );
}

function see(server: Server, observation: Observation): Look {
  const { volatile, limits } = server;
  return { kind: 'seen', server, observation, snapshot: takeSnapshot(observation, { volatile, limits }) };
}
