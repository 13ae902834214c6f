import { createHash } from 'node:crypto';

import type { ClientServer } from '../clients/client.js';
import type { ClientEntry } from '../clients/read-client-file.js';
import type { Config } from '../config/config.js';
import type { Server } from '../model/server.js';
import { makeVisible, quote } from '../quote.js';
import { counted } from '../render/counted.js';
import type { ClientDocuments, RefusedFile } from './client-documents.js';
import { routeOf } from './judge-server.js';
import type { Paint } from './paint.js';
import { targetWords } from './server-words.js';
import { watchedAs } from './watched-as.js';

/** How what a client names stands to what is watched. */
type Standing =
  | { readonly kind: 'through' }
  | { readonly kind: 'off' }
  /** The client starts it itself, and the same server is watched. */
  | { readonly kind: 'watched'; readonly as: string }
  | { readonly kind: 'unwatched'; readonly why: string };

/** One entry of a client's file, as it is now. */
interface KnownEntry {
  readonly server: ClientServer;
  readonly standing: Standing;
  /** Of all that the file says of it; values are not kept. */
  readonly digest: string;
}

/** What all files of clients say. */
export interface ClientsState {
  readonly entries: ReadonlyMap<string, KnownEntry>;
  readonly unreadable: ReadonlyMap<string, RefusedFile>;
}

/** What has changed in the files of clients. */
export type ClientNews =
  | { readonly kind: 'added' | 'changed' | 'removed'; readonly entry: KnownEntry }
  | { readonly kind: 'unreadable'; readonly file: RefusedFile }
  | { readonly kind: 'readable'; readonly file: RefusedFile };

/** Who judges entries: the configuration, what of it is watched, and our own program. */
export interface ClientJudge {
  readonly config: Config;
  readonly servers: readonly Server[];
  readonly main: string;
}

/** Returns the state of the files. What was known of one that cannot be read now is kept: it may still be so. */
export function takeState(
  { documents, refused }: ClientDocuments,
  before: ClientsState | undefined,
  judge: ClientJudge,
): ClientsState {
  const entries = new Map(
    documents.flatMap((document) => document.entries.map((one) => [keyOf(one), toKnown(one, judge)] as const)),
  );
  const unreadable = new Map(refused.map((one) => [one.file, one]));
  const isLost = ({ file }: ClientServer): boolean =>
    [...unreadable.keys()].some((lost) => file === lost || file.startsWith(`${lost}/`) || file.startsWith(`${lost}\\`));
  for (const [key, known] of before?.entries ?? []) if (isLost(known.server)) entries.set(key, known);
  return { entries, unreadable };
}

/** Returns what is new in a state. */
export function newsSince(before: ClientsState, after: ClientsState): readonly ClientNews[] {
  const added = [...after.entries].flatMap(([key, entry]): readonly ClientNews[] => {
    const known = before.entries.get(key);
    if (known === undefined) return [{ kind: 'added', entry }];
    return known.digest === entry.digest ? [] : [{ kind: 'changed', entry }];
  });
  const removed = [...before.entries].flatMap(([key, entry]): readonly ClientNews[] =>
    after.entries.has(key) ? [] : [{ kind: 'removed', entry }],
  );
  const lost = [...after.unreadable.values()].filter(({ file, why }) => before.unreadable.get(file)?.why !== why);
  const found = [...before.unreadable.values()].filter(({ file }) => !after.unreadable.has(file));
  return [
    ...added,
    ...removed,
    ...lost.map((file): ClientNews => ({ kind: 'unreadable', file })),
    ...found.map((file): ClientNews => ({ kind: 'readable', file })),
  ];
}

/** Returns the entries that make a client start or reach what nobody watches. */
function unwatchedIn({ entries }: ClientsState): readonly KnownEntry[] {
  return [...entries.values()].filter(({ standing }) => standing.kind === 'unwatched');
}

/** Returns news in one line, safe to show. */
export function clientNewsLine(news: ClientNews, at: string, paint: Paint): string {
  const head = (client: string): string => `${paint.dim(at.slice(11, 19))} ${paint.bold(client)}`;
  switch (news.kind) {
    case 'added':
    case 'changed':
    case 'removed': {
      const { server, standing } = news.entry;
      const what = `${head(server.client)}: ${quote(server.name, MAX_NAME)} ${WORDS[news.kind]}`;
      return news.kind === 'removed' ? what : `${what}: ${standingWords(standing, paint)}`;
    }
    case 'unreadable':
      return `${head(news.file.client)}: ${paint.magenta(`cannot read ${quote(news.file.file)}: ${quote(news.file.why)}`)}`;
    case 'readable':
      return `${head(news.file.client)}: ${quote(news.file.file)} ${paint.green('can be read again')}`;
  }
}

/** Returns news as a machine reads them, without any value of a variable or header. */
export function clientNewsJson(news: ClientNews, at: string): Readonly<Record<string, unknown>> {
  const base = { event: 'client', at, change: news.kind };
  if (news.kind === 'unreadable' || news.kind === 'readable') return { ...base, ...news.file };
  const { server, standing } = news.entry;
  const { client, scope, file, name, target } = server;
  return { ...base, client, scope, file, name, runs: targetWords(target), standing: standing.kind };
}

/** Returns what is to be said of a state for as long as it lasts; `undefined` where all is well. */
export function noticeOf(state: ClientsState): string | undefined {
  const unwatched = unwatchedIn(state);
  const names = [...new Set(unwatched.map(({ server }) => `${quote(server.name, MAX_NAME)} (${server.client})`))];
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  const parts = [
    ...(names.length === 0
      ? []
      : [
          `${counted(unwatched.length, 'server')} of clients not watched: ${names.slice(0, MAX_NAMED).join(', ')}${more}`,
        ]),
    ...(state.unreadable.size === 0 ? [] : [`files of clients that cannot be read: ${state.unreadable.size}`]),
  ];
  return parts.length === 0 ? undefined : `${parts.join('; ')} (sealwatch discover)`;
}

const MAX_NAME = 40;
const MAX_NAMED = 3;

const WORDS = { added: 'is new', changed: 'is changed', removed: 'is gone' } as const;

function standingWords(standing: Standing, paint: Paint): string {
  switch (standing.kind) {
    case 'through':
      return paint.green('goes through Sealwatch');
    case 'off':
      return 'switched off';
    case 'watched':
      return paint.yellow(`goes around Sealwatch; watched as ${standing.as}`);
    case 'unwatched':
      return paint.red(`goes around Sealwatch and is not watched; ${makeVisible(standing.why)}`);
  }
}

function keyOf({ server, path }: ClientEntry): string {
  return JSON.stringify([server.file, server.client, path]);
}

function toKnown(one: ClientEntry, judge: ClientJudge): KnownEntry {
  const { server, entry } = one;
  const digest = createHash('sha256')
    .update(JSON.stringify([server.name, entry]))
    .digest('hex');
  return { server, standing: standingOf(one, judge), digest };
}

function standingOf(one: ClientEntry, { config, servers, main }: ClientJudge): Standing {
  const { target, isDisabled } = one.server;
  const route = routeOf(target, config, main);
  if (route.kind === 'through') return { kind: 'through' };
  if (isDisabled) return { kind: 'off' };
  const like = watchedAs(one, { ...config, servers });
  switch (like.kind) {
    case 'same':
      return { kind: 'watched', as: like.id };
    case 'other':
      return { kind: 'unwatched', why: `unlike ${like.id}: ${like.why}` };
    case 'none':
      return { kind: 'unwatched', why: route.why };
  }
}
