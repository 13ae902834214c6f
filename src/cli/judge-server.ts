import { realpathSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

import type { Target } from '../clients/client.js';
import { readOurCommand } from '../clients/read-our-command.js';
import type { Config } from '../config/config.js';
import { messageOf } from '../errors.js';
import { checkLaunch } from '../mcp/check-allowed.js';
import type { Server } from '../model/server.js';
import { allowedOrigin } from '../policy/allowlist.js';
import { identifyLaunch } from '../policy/identify-launch.js';
import { isDecisive } from '../policy/launch-identity.js';
import { gatewayServes } from './gateway-serves.js';

/** How a client reaches a server. */
export type Route =
  | { readonly kind: 'through'; readonly server: string | undefined }
  | { readonly kind: 'around'; readonly why: string };

export type Allowed =
  | { readonly kind: 'no-list' }
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly why: string };

/** Returns whether Sealwatch, with this configuration, stands between a client and what it names. `main`: our own program. */
export function routeOf(target: Target, config: Config | undefined, main: string): Route {
  if (target.kind === 'unknown') return around(target.why);
  if (target.kind === 'http') {
    const served = config === undefined ? undefined : gatewayServes(target.url, config);
    return served === undefined
      ? around('the client connects to it itself')
      : { kind: 'through', server: served.server };
  }
  const ours = readOurCommand(target);
  if (ours === undefined) return around('the client starts it itself');
  const { path, server } = ours;
  if (target.hasEnvFile || target.envNames.some(isDecisive))
    return around('its variables can make it run something else than Sealwatch');
  if (path !== undefined && !isSameFile(path, main)) return around('it is named like Sealwatch and another program');
  if (config === undefined) return around('it is Sealwatch without a configuration that is found here');
  if (!isOr(ours.config, config.file) || !isOr(ours.stateDir, config.stateDir))
    return around('it is Sealwatch with another configuration or store');
  return server === undefined || config.servers.some(({ id }) => id === server)
    ? { kind: 'through', server }
    : around('it is Sealwatch for a server that the configuration does not have');
}

function isOr(given: string | undefined, expected: string): boolean {
  return given === undefined || given === expected;
}

function isSameFile(path: string, main: string): boolean {
  if (!isAbsolute(path)) return false;
  try {
    return realpathSync(path) === realpathSync(main);
  } catch {
    // What is not there is not our program.
    return false;
  }
}

/** Returns whether the allowlist has what a client starts or connects to. No reason repeats an argument that may be a secret. */
export async function allowedBy({ allowlist }: Pick<Config, 'allowlist'>, target: Target): Promise<Allowed> {
  if (allowlist === undefined) return { kind: 'no-list' };
  switch (target.kind) {
    case 'unknown':
      return refused(target.why);
    case 'http':
      return allowedOrigin(allowlist, new URL(target.url)) === undefined
        ? refused('its address is not on the allowlist')
        : { kind: 'allowed' };
    case 'stdio':
      return await mayLaunch(allowlist, target);
  }
}

type Stdio = Extract<Target, { kind: 'stdio' }>;

async function mayLaunch(allowlist: NonNullable<Config['allowlist']>, target: Stdio): Promise<Allowed> {
  if (target.hasEnvFile) return refused('variables from a file could make it run something else');
  const launch = launchOf(target);
  const identity = identifyLaunch(launch);
  if (identity.kind === 'unknown') return refused('it cannot be told what it runs');
  const isRelative = identity.kind === 'executable' && !isAbsolute(identity.file);
  if (isRelative && (identity.isScript || /[/\\]/.test(identity.file)) && !isAbsolute(target.cwd ?? ''))
    return refused('it is named from a folder that the client chooses');
  try {
    await checkLaunch(launch, allowlist);
    return { kind: 'allowed' };
  } catch (error) {
    return refused(messageOf(error));
  }
}

/** The names of variables decide what runs, and values are never read. */
function launchOf({ command, args, cwd, envNames }: Stdio): Extract<Server['connection'], { kind: 'stdio' }>['launch'] {
  return { command, args, cwd: resolve(cwd ?? '/'), env: Object.fromEntries(envNames.map((name) => [name, ''])) };
}

function around(why: string): Route {
  return { kind: 'around', why };
}

function refused(why: string): Allowed {
  return { kind: 'refused', why };
}
