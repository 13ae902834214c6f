import type { Inspection } from '../monitor/inspect.js';
import type { ClientNews } from './client-news.js';
import type { DesktopNote } from './desktop.js';
import type { News } from './inspection-log.js';

/**
 * Returns what a desktop is told of news, `undefined` where nobody has to do anything.
 *
 * Attack: words of a server, or of a file in somebody's repository, that address a person, or whatever reads the desktop. Only our ids,
 * kinds, codes and urgencies are told.
 */
export function inspectionNote(news: News, { server }: Inspection): DesktopNote | undefined {
  const title = `Sealwatch: ${server}`;
  switch (news.kind) {
    case 'asks': {
      const { id, urgency } = news.request;
      const isUrgent = urgency === 'critical' || urgency === 'high';
      return { title, body: `request ${id}, ${urgency}: waits for your decision`, isUrgent };
    }
    case 'failed':
      return { title, body: `could not check: ${news.code}`, isUrgent: false };
    case 'withdrawn':
    case 'answers-again':
      return undefined;
  }
}

/** Like {@link inspectionNote}, of the files of clients. */
export function clientNote(news: ClientNews): DesktopNote | undefined {
  switch (news.kind) {
    case 'added':
    case 'changed': {
      const { server, standing } = news.entry;
      if (standing.kind !== 'unwatched') return undefined;
      return { title: `Sealwatch: ${server.client}`, body: 'starts a server that is not watched', isUrgent: true };
    }
    case 'unreadable':
      return { title: `Sealwatch: ${news.file.client}`, body: 'its configuration cannot be read', isUrgent: false };
    case 'removed':
    case 'readable':
      return undefined;
  }
}
