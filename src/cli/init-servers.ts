import { clientPlaces } from '../clients/client-places.js';
import { referencesIn } from '../clients/references.js';
import type { Config } from '../config/config.js';
import { SealwatchError } from '../errors.js';
import { makeVisible, quote } from '../quote.js';
import { counted } from '../render/counted.js';
import { choose } from './choose.js';
import type { Cli } from './cli.js';
import { type Candidate, type CandidatePlace, findCandidates, type TakenCandidate } from './client-candidates.js';
import { readClientDocuments, type RefusedFile } from './client-documents.js';
import { configuredEntry } from './configured-entry.js';
import { machineOf } from './machine.js';
import { ownDocuments } from './own-documents.js';
import { isClient } from './select-entries.js';
import { targetWords } from './server-words.js';
import type { Terminal } from './terminal.js';

/** Which servers of the clients are wanted; `ask` where a person is to say so. */
export type Wanted =
  | { readonly kind: 'ask' }
  | {
      readonly kind: 'named';
      readonly clients: readonly string[];
      readonly servers: readonly string[];
      /** Whether what only files of projects name is meant too, though neither it nor its client is named. */
      readonly withProjects: boolean;
    };

/** What is the same as a server of the configuration. */
interface Skipped {
  readonly one: Candidate;
  readonly why: string;
}

/** What the clients have, and what of it is wanted. */
export interface InitServers {
  readonly chosen: readonly TakenCandidate[];
  /** What was wanted and cannot be taken. */
  readonly left: readonly Extract<Candidate, { kind: 'left' }>[];
  readonly skipped: readonly Skipped[];
  /** What only files of projects name, and was not asked for by name. */
  readonly ofProjects: readonly Candidate[];
  readonly unreadable: readonly RefusedFile[];
}

/**
 * Returns the servers of the clients on this machine that are wanted; what the configuration has already is not among them.
 *
 * @throws {SealwatchError} `NOT_FOUND` for a name of nothing that is there.
 */
export async function chooseServers(
  wanted: Wanted,
  { folder, config }: { readonly folder: string; readonly config: Config | undefined },
  cli: Cli,
): Promise<InitServers> {
  const all = readClientDocuments(clientPlaces(machineOf(cli)));
  const { documents, refused } = ownDocuments(all, process.getuid?.());
  const ids = config === undefined ? [] : [...config.servers.map(({ id }) => id), ...config.disabled];
  const referenced = referencesIn(JSON.stringify(config?.servers.map(({ provenance }) => provenance) ?? []));
  const place: CandidatePlace = { folder, env: cli.env, taken: ids, referenced };
  const entries = documents.flatMap((document) => document.entries);
  const skipped: Skipped[] = [];
  const found = findCandidates(entries, place).filter((one) => {
    const id = config === undefined ? undefined : configuredEntry(one.first, config);
    if (id !== undefined) skipped.push({ one, why: `the configuration has it, as ${id}` });
    return id === undefined;
  });
  if (wanted.kind === 'ask') printFound(found, refused, cli);
  const meant = wanted.kind === 'ask' ? await chooseAmong(found, cli) : named(found, wanted);
  // Ids and variables are named anew: those of servers that are not wanted stand in nobody's way.
  const again = findCandidates(
    meant.flatMap((one) => one.entries),
    place,
  );
  return {
    chosen: again.filter((one) => one.kind === 'taken'),
    left: again.filter((one) => one.kind === 'left'),
    skipped,
    ofProjects:
      wanted.kind === 'named' ? found.filter((one) => isOfProject(one) && !isOff(one) && !meant.includes(one)) : [],
    unreadable: refused,
  };
}

async function chooseAmong(found: readonly Candidate[], cli: Cli): Promise<readonly Candidate[]> {
  const takable = found.filter(({ kind }) => kind === 'taken');
  if (takable.length === 0) return [];
  const chosen = await choose(takable.length, cli);
  return takable.filter((one, index) =>
    chosen === 'all' ? !isOff(one) && !isOfProject(one) : chosen.includes(index + 1),
  );
}

function named(
  found: readonly Candidate[],
  { clients, servers, withProjects }: Extract<Wanted, { kind: 'named' }>,
): readonly Candidate[] {
  const hasClient = (name: string, one: Candidate): boolean =>
    one.entries.some(({ server }) => isClient(name, server.client));
  const hasName = (name: string, one: Candidate): boolean =>
    (one.kind === 'taken' && one.id === name) || one.entries.some(({ server }) => server.name === name);
  for (const [names, matches] of [
    [clients, hasClient],
    [servers, hasName],
  ] as const) {
    const unknown = names.find((name) => !found.some((one) => matches(name, one)));
    if (unknown !== undefined)
      throw new SealwatchError(
        'NOT_FOUND',
        `no server of a client here that is not configured yet matches ${quote(unknown, 60)}`,
      );
  }
  return found.filter(
    (one) =>
      (clients.length === 0 || clients.some((name) => hasClient(name, one))) &&
      (withProjects || clients.length > 0 || servers.length > 0 || !isOfProject(one)) &&
      (servers.length === 0 ? !isOff(one) : servers.some((name) => hasName(name, one))),
  );
}

/** What is switched off in its client is meant only where it is named. */
function isOff({ entries }: Candidate): boolean {
  return entries.every(({ server }) => server.isDisabled);
}

/** Attack: a repository that somebody cloned brings a file that names a server, and reads secrets of the environment. */
function isOfProject({ entries }: Candidate): boolean {
  return entries.every(({ server }) => server.scope === 'project');
}

function printFound(
  found: readonly Candidate[],
  unreadable: readonly RefusedFile[],
  { terminal, env }: Pick<Cli, 'terminal' | 'env'>,
): void {
  const { line, paint } = terminal;
  const takable = found.filter(({ kind }) => kind === 'taken');
  printUnreadable(unreadable, terminal);
  if (found.length === 0) return;
  line(`The clients on this machine name ${counted(found.length, 'server')}:`);
  line();
  for (const one of found) {
    const number = one.kind === 'taken' ? String(takable.indexOf(one) + 1) : '–';
    line(`${number.padStart(3)}  ${paint.bold(makeVisible(namesOf(one).join(', ')))}  ${wordsOf(one)}`);
    if (one.kind === 'left') line(`     ${paint.yellow(`cannot be taken: ${makeVisible(one.why)}`)}`);
    printSources(one, env, terminal);
  }
  if (takable.some(isOfProject))
    line(paint.dim('all leaves out what only a file of a project names: choose it by number'));
  line();
}

/** Says which variables a server gets, and which files name it. */
export function printSources(one: Candidate, env: Cli['env'], { line, paint }: Terminal): void {
  if (one.kind === 'taken' && one.reads.length > 0) {
    const names = one.reads.map((name) => (env[name] === undefined ? name : `${name} (set)`));
    line(`     ${paint.yellow(`takes from the environment: ${names.join(', ')}`)}`);
  }
  for (const { server } of one.entries)
    line(
      paint.dim(
        `     ${server.client} (${server.scope}${server.isDisabled ? ', off' : ''}) ${makeVisible(server.file)}`,
      ),
    );
}

/** Says which files could not be read. */
export function printUnreadable(unreadable: readonly RefusedFile[], { line, paint }: Terminal): void {
  for (const { client, file, why } of unreadable)
    line(paint.magenta(`${client}: cannot read ${makeVisible(file)}: ${makeVisible(why)}`));
}

/** Returns the names that clients have for a server, each once. */
export function namesOf({ entries }: Pick<Candidate, 'entries'>): readonly string[] {
  return [...new Set(entries.map(({ server }) => server.name))];
}

/** Returns what starts a server, or where it is, in short and safe to show. */
export function wordsOf({ first }: Pick<Candidate, 'first'>): string {
  return makeVisible(targetWords(first.server.target));
}
