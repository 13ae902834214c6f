import { statSync } from 'node:fs';

import type { ClientPlace } from '../clients/client.js';
import { filesAt, readClientDocuments } from './client-documents.js';
import { type ClientJudge, type ClientNews, type ClientsState, newsSince, takeState } from './client-news.js';

/** A person who edits a file sees it told soon, and to look at a hundred files that are mostly absent takes a millisecond. */
const POLL_MS = 1_000;

/** Where clients keep servers, who judges them, and what becomes of news. */
export interface ClientWatchOptions {
  readonly places: readonly ClientPlace[];
  readonly judge: ClientJudge;
  /** Called with the state at the beginning, and then with each other one and what is new in it. */
  readonly onState: (state: ClientsState, news: readonly ClientNews[]) => void;
}

/**
 * Watches the files of clients until the signal aborts: also those that are not there yet, and those that editors replace, which is why
 * they are looked at and not subscribed to. A file is read when it was the same twice, so that one that is being written is not half read.
 */
export function watchClients({ places, judge, onState }: ClientWatchOptions, signal: AbortSignal): void {
  let seen = traceOf(places);
  let read = seen;
  let state = takeState(readClientDocuments(places), undefined, judge);
  // What cannot be read at the beginning is told like what cannot be read later.
  onState(state, newsSince({ ...state, unreadable: new Map() }, state));
  const look = (): void => {
    const now = traceOf(places);
    const isSettled = now === seen;
    seen = now;
    if (!isSettled || now === read) return;
    read = now;
    const next = takeState(readClientDocuments(places), state, judge);
    const news = newsSince(state, next);
    state = next;
    if (news.length > 0) onState(state, news);
  };
  if (signal.aborted) return;
  // Servers keep the process alive, or their end ends it.
  const timer = setInterval(look, POLL_MS).unref();
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(timer);
    },
    { once: true },
  );
}

/** Returns a text that differs where any of the files does. */
function traceOf(places: readonly ClientPlace[]): string {
  return places.map((place) => filesOf(place).map(traceOfFile).join('\n')).join('\n');
}

function filesOf(place: ClientPlace): readonly string[] {
  try {
    return filesAt(place);
  } catch (error) {
    // A folder that is not there, or cannot be listed: what is told about it comes from whoever reads it.
    return [`!${codeOf(error)}`];
  }
}

function traceOfFile(file: string): string {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    // One that is put in the place of another can have its time and its length.
    return stats === undefined
      ? ''
      : `${file} ${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.mode}`;
  } catch (error) {
    return `${file} ${codeOf(error)}`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
