import { homedir } from 'node:os';

import type { Config } from '../config/config.js';
import { childEnvironment } from '../mcp/child-environment.js';
import type { JsonValue } from '../model/json.js';
import type { Server } from '../model/server.js';
import type { Packages } from '../ports.js';
import type { FoundIsolation } from '../supply-chain/find-isolation.js';
import type { RunContext } from '../supply-chain/run-approved.js';
import { systemClock } from './system.js';

/** What looks at packages: for the monitor, which also tries what nobody has approved, and for clients, who get nothing else than what is. */
export interface PackagesByPurpose {
  readonly tried: Packages;
  readonly served: Packages;
}

/**
 * Returns what looks at packages; `undefined` where none is recorded, since npm's modules take a while to load. `approvedOf` returns the package
 * that is approved of a server.
 */
export async function packagesFor(
  { servers, policy, packageDir }: Config,
  approvedOf: (server: Server) => Promise<JsonValue | undefined>,
): Promise<PackagesByPurpose | undefined> {
  if (!servers.some(({ recordsPackage }) => recordsPackage === true)) return undefined;
  const { createPackages } = await import('../supply-chain/create-packages.js');
  const { createSources } = await import('../supply-chain/create-sources.js');
  const sources = createSources({ tree: policy.packages?.forbidInstallScripts === true ? 'walked' : 'left' });
  const environment = childEnvironment;
  const packages = createPackages({ clock: systemClock, sources, environment, policy: policy.packages });
  if (!servers.some(({ runsApproved }) => runsApproved !== undefined)) return { tried: packages, served: packages };
  const { createPackageCache } = await import('../supply-chain/package-cache.js');
  const { createKeyOf, createPrepare } = await import('../supply-chain/run-approved.js');
  const context = {
    packages,
    cache: createPackageCache(packageDir),
    approvedOf,
    isolation: once(findHere),
    environment,
    home: homedir(),
  };
  const forPurpose = (purpose: RunContext['purpose']): Packages => ({
    ...packages,
    prepare: createPrepare({ ...context, purpose }),
    keyNow: createKeyOf({ ...context, purpose }),
  });
  return { tried: forPurpose('try'), served: forPurpose('serve') };
}

async function findHere(signal: AbortSignal): Promise<FoundIsolation> {
  const { findIsolation } = await import('../supply-chain/find-isolation.js');
  return await findIsolation({ uid: process.getuid?.() }, signal);
}

/** What isolates on this machine is proven once; where it could not be told, it is asked again. */
function once(find: typeof findHere): typeof findHere {
  let found: FoundIsolation | undefined;
  return async (signal) => {
    if (found === undefined || found.kind === 'none') found = await find(signal);
    return found;
  };
}
