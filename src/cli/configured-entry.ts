import { resolve } from 'node:path';

import type { Config } from '../config/config.js';
import { headersOf, variablesOf } from '../clients/entry-values.js';
import { projectFolder } from '../clients/project-folder.js';
import type { ClientEntry } from '../clients/read-client-file.js';
import { isMembers } from '../clients/read-target.js';
import { isSse } from '../clients/transport.js';
import type { Server } from '../model/server.js';
import { allConfiguredAs } from './server-words.js';

/**
 * Returns the server of the configuration that is the same as an entry, to its folder and to the last value; `undefined` where there is
 * none. An entry that differs in a variable, such as `NODE_OPTIONS`, may be another program.
 */
export function configuredEntry(one: ClientEntry, config: Config): string | undefined {
  return allConfiguredAs(one.server.target, config).find((server) => isSame(one, server))?.id;
}

function isSame(one: ClientEntry, { connection, provenance }: Server): boolean {
  const { target } = one.server;
  if (target.kind === 'stdio' && connection.kind !== 'http') {
    const { env, cwd } = connection.launch;
    const project = projectFolder(one);
    const folder = target.cwd === undefined ? project : resolve(project ?? '/', target.cwd);
    // An entry of the user without a folder may be started anywhere.
    return (folder === undefined || folder === cwd) && isEither(variablesOf(one.entry), [env, provenance['env']]);
  }
  const isHttp = target.kind === 'http' && connection.kind === 'http';
  return (
    isHttp &&
    isSse(one.entry) === (provenance['type'] === 'sse') &&
    isEither(headersOf(one.entry), [connection.headers, provenance['headers']])
  );
}

/** Variables are filled in by either of the two. */
function isEither(values: ReadonlyMap<string, string | undefined>, others: readonly unknown[]): boolean {
  const here = sorted([...values]);
  return others.some((other) => isMembers(other) && here === sorted(Object.entries(other)));
}

function sorted(values: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}
