import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { groupEntries } from '../clients/group-entries.js';
import { type ConfigEntry, toConfigEntry } from '../clients/to-config-entry.js';
import type { ClientEntry } from '../clients/read-client-file.js';
import { referencedNames } from '../clients/referenced-names.js';
import { createVariableNames } from '../clients/variable-names.js';
import { CONFIG_FILE } from '../config/find-config.js';
import { readConfigText } from '../config/load-config.js';
import { configText, serverText, type WrittenServer } from '../config/template.js';
import { suggestServerId } from '../config/to-server.js';
import { codeOf, type ErrorCode } from '../errors.js';
import { makeVisible } from '../quote.js';

/** A server of the clients on this machine, as the configuration would have it. */
export type Candidate = {
  readonly first: ClientEntry;
  readonly entries: readonly ClientEntry[];
} & (
  | {
      readonly kind: 'taken';
      readonly id: string;
      readonly entry: ConfigEntry;
      readonly needs: readonly string[];
      readonly reads: readonly string[];
    }
  | { readonly kind: 'left'; readonly why: string }
);

export type TakenCandidate = Extract<Candidate, { kind: 'taken' }>;

/** Where the configuration is, or will be, and what is set where it is read. */
export interface CandidatePlace {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ids of servers that are there already. */
  readonly taken?: readonly string[];
  /** Variables that the configuration reads already. */
  readonly referenced?: readonly string[];
}

/** Returns the servers of clients, each once, with an id of its own. Nothing is started to find out more. */
export function findCandidates(entries: readonly ClientEntry[], place: CandidatePlace): readonly Candidate[] {
  const referenced = new Set([...(place.referenced ?? []), ...entries.flatMap(referencedNames)]);
  const names = createVariableNames(place.env, referenced);
  const ids = new Set<string>(place.taken);
  return groupEntries(entries).map((group): Candidate => {
    const id = freeId(group.first.server.name, ids);
    const result = toConfigEntry(group.first, { id, folder: place.folder, names });
    if (result.kind === 'left') return { ...group, ...result };
    const why = wordsInCommand(result, place.folder) ?? refusalOf(id, result, place.folder);
    if (why !== undefined) return { ...group, kind: 'left', why };
    ids.add(id);
    return { ...group, ...result, id };
  });
}

/** Returns the text of a configuration with these servers. */
export function candidatesText(candidates: readonly TakenCandidate[]): string {
  return configText(candidates.map(toWritten));
}

/** Returns these servers as they stand in a configuration. */
export function serversText(candidates: readonly TakenCandidate[]): string {
  return candidates.map((one) => serverText(toWritten(one))).join('');
}

function toWritten(one: TakenCandidate): WrittenServer {
  return { id: one.id, entry: one.entry, comment: commentOn(one) };
}

function commentOn({ entries }: TakenCandidate): string {
  const words = entries.map(({ server: { client, scope, file } }) =>
    // Whoever reads the configuration has to know whose word it is.
    scope === 'project' ? `${client} (project) ${makeVisible(file)}` : `${client} (${scope})`,
  );
  return [...new Set(words)].join(', ');
}

const MAX_ID = 63;

function freeId(name: string, ids: ReadonlySet<string>): string {
  const suggested = suggestServerId(name);
  const base = suggested === '' ? 'server' : suggested;
  if (!ids.has(base)) return base;
  for (let number = 2; ; number += 1) {
    const id = `${base.slice(0, MAX_ID - `-${number}`.length)}-${number}`;
    if (!ids.has(id)) return id;
  }
}

/** A command is never hidden, so one that is more than a file may show a secret. */
function wordsInCommand({ entry }: Taken, folder: string): string | undefined {
  if (!('command' in entry) || !/[\s=]/.test(entry.command)) return undefined;
  const isFile = statSync(resolve(entry.cwd ?? folder, entry.command), { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? undefined : 'its command has more than one word, and is no file';
}

/** Returns why the configuration cannot have an entry, by trying it with a value for every variable; the reason repeats no value. */
function refusalOf(id: string, { entry, needs }: Taken, folder: string): string | undefined {
  const env = Object.fromEntries(needs.map((name) => [name, 'x']));
  const text = configText([{ id, entry, comment: '' }]);
  try {
    readConfigText(text, join(folder, CONFIG_FILE), { cwd: folder, env, stateDir: folder });
    return undefined;
  } catch (error) {
    return REASONS[codeOf(error)] ?? `a configuration cannot have it as it is (${codeOf(error)})`;
  }
}

type Taken = Pick<TakenCandidate, 'entry' | 'needs'>;

const REASONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  CONFIG_INVALID:
    'a configuration cannot have it as it is, such as plain http to another machine: add it by hand, and `sealwatch config check` says why',
};
