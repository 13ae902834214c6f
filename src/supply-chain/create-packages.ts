import type { JsonObject } from '../model/json.js';
import type { PackagePolicy } from '../model/policy.js';
import type { Launch, Server } from '../model/server.js';
import type { Clock, Packages } from '../ports.js';
import { isExactVersion } from '../policy/identify-launch.js';
import type { LaunchIdentity } from '../policy/launch-identity.js';
import { inspectServer, type ServerFacts, type Sources } from './inspect-server.js';
import { toRecorded } from './recorded-package.js';

/** A gateway opens a connection for each client, and asks each time. */
const FRESH_MS = 60_000;

/** A registry that is slower was not reached. */
const TIMEOUT_MS = 60_000;

interface Options {
  readonly clock: Clock;
  readonly sources: Sources;
  /** What is asked of packages: of what it does not ask about nothing is recorded that moves by itself. */
  readonly policy?: PackagePolicy | undefined;
  /** Returns the whole environment of a child. */
  readonly environment: (configured: Launch['env']) => Readonly<Record<string, string>>;
}

/** Returns what says of which package a server is, at most a minute old. What could not be told is asked anew each time. */
export function createPackages({ clock, sources, environment, policy }: Options): Packages {
  const known = new Map<string, { readonly at: number; readonly recorded: JsonObject }>();
  return {
    describe: async ({ connection: { launch }, runsApproved }: Server, signal) => {
      if (launch === undefined) return undefined;
      const key = JSON.stringify([launch, runsApproved === undefined]);
      const found = known.get(key);
      if (found !== undefined && clock.monotonicMs() - found.at < FRESH_MS) return found.recorded;
      const context = {
        cwd: launch.cwd,
        env: environment(launch.env),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        ...(runsApproved === undefined ? {} : { isOfRegistry: true as const }),
      };
      const recorded = describePackage(await inspectServer(launch, context, sources), policy);
      known.set(key, { at: clock.monotonicMs(), recorded });
      return recorded;
    },
  };
}

/**
 * Returns what is recorded of a package.
 *
 * @throws {SealwatchError} `PACKAGE_UNREACHED`
 */
export function describePackage({ identity, facts }: ServerFacts, policy: PackagePolicy | undefined): JsonObject {
  return { ...toRecorded(facts, policy), isPinned: isPinned(identity) };
}

function isPinned(identity: LaunchIdentity): boolean {
  switch (identity.kind) {
    case 'package':
      return identity.requested !== undefined && isExactVersion(identity.type, identity.requested);
    case 'image':
      return identity.digest !== undefined;
    case 'executable':
    case 'unknown':
      return false;
  }
}
