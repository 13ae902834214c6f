import { resolve } from 'node:path';

import type { Config } from '../config/config.js';
import { type EntryValues, headersOf, variablesOf } from '../clients/entry-values.js';
import { projectFolder } from '../clients/project-folder.js';
import type { ClientEntry } from '../clients/read-client-file.js';
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

function isSame(one: ClientEntry, { connection }: Server): boolean {
  const { target } = one.server;
  if (target.kind === 'stdio' && connection.kind !== 'http') {
    const { env, cwd } = connection.launch;
    const project = projectFolder(one);
    const folder = target.cwd === undefined ? project : resolve(project ?? '/', target.cwd);
    // An entry of the user without a folder may be started anywhere.
    return (folder === undefined || folder === cwd) && isEqual(variablesOf(one.entry), env);
  }
  return (
    target.kind === 'http' &&
    connection.kind === 'http' &&
    isSse(one.entry) === (connection.transport === 'sse') &&
    isEqual(headersOf(one.entry), connection.headers)
  );
}

function isEqual(values: EntryValues, others: Readonly<Record<string, string>>): boolean {
  return sorted([...values]) === sorted(Object.entries(others));
}

function sorted(values: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}
