import { resolve } from 'node:path';

import { folderGap } from '../clients/folder-gap.js';
import type { ClientEntry } from '../clients/read-client-file.js';
import { decisiveGap } from '../clients/variable-gap.js';
import type { Config } from '../config/config.js';
import type { Server } from '../model/server.js';
import { isDecisive } from '../policy/launch-identity.js';
import { allConfiguredAs } from './server-words.js';

/** What the configuration has like an entry of a client. */
export type Likeness =
  | { readonly kind: 'none' }
  | { readonly kind: 'same'; readonly id: string }
  /** The same words start something else. */
  | { readonly kind: 'other'; readonly id: string; readonly why: string };

/** Returns the server of a configuration that a client means, or the one that only looks like it. */
export function watchedAs(entry: ClientEntry, config: Config | undefined): Likeness {
  const alike = config === undefined ? [] : allConfiguredAs(entry.server.target, config);
  const judged = alike.map((server) => ({ id: server.id, why: gapTo(server, entry) }));
  const same = judged.find(({ why }) => why === undefined);
  if (same !== undefined) return { kind: 'same', id: same.id };
  const [first] = judged;
  return first?.why === undefined ? { kind: 'none' } : { kind: 'other', id: first.id, why: first.why };
}

function gapTo({ connection }: Server, entry: ClientEntry): string | undefined {
  const { target } = entry.server;
  if (connection.kind !== 'stdio' || target.kind !== 'stdio') return undefined;
  const { cwd, env } = connection.launch;
  return folderGap(entry, target, cwd, resolve) ?? decisiveGap(entry.entry, target, env, isDecisive);
}
