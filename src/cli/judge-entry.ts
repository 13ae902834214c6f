import { resolve } from 'node:path';

import type { Words } from '../clients/wrap-entry.js';
import { wrapEntry } from '../clients/wrap-entry.js';
import { folderGap } from '../clients/folder-gap.js';
import type { ClientEntry } from '../clients/read-client-file.js';
import { readOurCommand } from '../clients/read-our-command.js';
import type { Replacement } from '../clients/replacement.js';
import { variableGap } from '../clients/variable-gap.js';
import type { Config } from '../config/config.js';
import type { Server } from '../model/server.js';
import { isDecisive } from '../policy/launch-identity.js';
import { routeOf } from './judge-server.js';
import { allConfiguredAs } from './server-words.js';

/** What can be done so that an entry goes through Sealwatch. */
export type EntryVerdict =
  | { readonly kind: 'wrap'; readonly server: string; readonly replacements: readonly Replacement[] }
  /** In a file that is not JSON. */
  | { readonly kind: 'by-hand'; readonly server: string; readonly words: Words }
  | { readonly kind: 'through' }
  | { readonly kind: 'left'; readonly why: string };

/** What entries are held against. */
export interface EntryJudge {
  readonly config: Config;
  /** Our own program. */
  readonly main: string;
  /** Options that every command line starts with. */
  readonly options: readonly string[];
}

/**
 * Returns whether an entry can start `sealwatch run` and its server is the same as before: command, arguments, folder, variables.
 *
 * @param text the client's file, JSON with comments; `undefined` where it is written otherwise.
 */
export function judgeEntry(entry: ClientEntry, text: string | undefined, judge: EntryJudge): EntryVerdict {
  const { target } = entry.server;
  const route = routeOf(target, judge.config, judge.main);
  if (route.kind === 'through') return { kind: 'through' };
  if (target.kind === 'unknown') return left(target.why);
  if (target.kind === 'http') return left('it is an address: point the client at sealwatch gateway instead');
  if (readOurCommand(target) !== undefined) return left(route.why);
  const [server, ...others] = allConfiguredAs(target, judge.config);
  if (server === undefined)
    return left(`not in ${judge.config.file}: add it there, scan and approve it, then wrap again`);
  if (others.length > 0)
    return left(`${[server, ...others].map(({ id }) => id).join(', ')} start the same: edit it by hand`);
  const difference = differenceFrom(entry, target, server);
  if (difference !== undefined) return left(difference);
  const words: Words = ['sealwatch', ...judge.options, 'run', server.id];
  if (text === undefined) return { kind: 'by-hand', server: server.id, words };
  const replacements = wrapEntry(text, entry.path, entry.entry, words);
  return replacements === undefined
    ? left('its command cannot be replaced')
    : { kind: 'wrap', server: server.id, replacements };
}

type Stdio = Extract<ClientEntry['server']['target'], { kind: 'stdio' }>;

function differenceFrom(one: ClientEntry, target: Stdio, { id, connection }: Server): string | undefined {
  if (connection.kind !== 'stdio') return `${id} is no program in the configuration`;
  const { env, cwd } = connection.launch;
  // Attack: a search path of the entry that has another program under our name.
  const decisive = target.envNames.filter(isDecisive);
  if (decisive.length > 0) return `its ${decisive.join(', ')} can make it run something else than Sealwatch`;
  const elsewhere = folderGap(one, target, cwd, resolve);
  if (elsewhere !== undefined) return elsewhere;
  const gap = variableGap(one.entry, target, env);
  return gap === undefined
    ? undefined
    : `${gap}: make servers.${id}.env of the configuration the same, then wrap again`;
}

function left(why: string): EntryVerdict {
  return { kind: 'left', why };
}
