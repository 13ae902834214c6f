import type { Target } from '../clients/client.js';
import { isOpaquePart } from '../clients/looks-secret.js';
import type { Config } from '../config/config.js';
import type { Server } from '../model/server.js';
import { identifyLaunch } from '../policy/identify-launch.js';

/** Longer segments of an address may be a key. */
const MAX_SEGMENT = 20;

/** Returns what a client starts or connects to, in short: no arguments, no query, nothing that looks like a key. Not quoted. */
export function targetWords(target: Target): string {
  switch (target.kind) {
    case 'unknown':
      return 'unknown';
    case 'http': {
      const { origin, pathname } = new URL(target.url);
      const path = pathname.split('/').map((part) => (part.length > MAX_SEGMENT || isOpaquePart(part) ? '…' : part));
      return `${origin}${path.join('/')}`;
    }
    case 'stdio':
      return launchWords(target);
  }
}

function launchWords({ command, args }: Extract<Target, { kind: 'stdio' }>): string {
  const identity = identifyLaunch({ command, args, env: {} });
  switch (identity.kind) {
    case 'package':
      return `pkg:${identity.type}/${identity.name}${identity.requested === undefined ? '' : `@${identity.requested}`}`;
    case 'image':
      return identity.repository;
    case 'executable':
      // A shell's command, which can set variables or carry options.
      return identity.file !== command && /[\s=]/.test(identity.file) ? command : identity.file;
    case 'unknown':
      return command;
  }
}

/** Returns the servers of the configuration that are the same as a client's. */
export function allConfiguredAs(target: Target, { servers }: Config): readonly Server[] {
  return servers.filter(({ connection, provenance }) => {
    if (target.kind === 'http')
      return connection.kind === 'http' && new URL(connection.url).href === new URL(target.url).href;
    if (target.kind === 'unknown' || connection.kind === 'http') return false;
    const { command, args } = connection.launch;
    const here = JSON.stringify([target.command, target.args]);
    // Variables are filled in by either of the two.
    return [
      [command, args],
      [provenance['command'], provenance['args']],
    ].some((one) => JSON.stringify(one) === here);
  });
}
