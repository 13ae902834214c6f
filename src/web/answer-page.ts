import type { Context } from 'hono';

import { codeOf, type ErrorCode } from '../errors.js';
import type { WebEnv } from './authenticate.js';
import type { Site } from './site.js';
import { type Message, messagePage } from './views/message-page.js';

/** What an error means on a page: its status, and our own words for it. */
export type Meanings = Partial<Readonly<Record<ErrorCode, Message & { readonly status: 400 | 403 | 404 }>>>;

/**
 * Answers with what the action returns, or with a page of our own words where it throws one of these errors; others are for the
 * rim. Never with the message of the error, which may quote a server.
 */
export async function answerPage(
  context: Context<WebEnv>,
  { basePath }: Pick<Site, 'basePath'>,
  meanings: Meanings,
  action: () => Promise<Response>,
): Promise<Response> {
  try {
    return await action();
  } catch (error) {
    const code = codeOf(error);
    const meaning = meanings[code];
    if (meaning === undefined) throw error;
    const { status, ...message } = meaning;
    return messagePage(context, status, { ...message, code, frame: { basePath, principal: context.get('principal') } });
  }
}

/** For what concerns every server: who sees only some of them gets this instead. */
export const EVERY_SERVER_ONLY: Meanings = {
  FORBIDDEN: {
    status: 403,
    title: 'This is not for you to see',
    paragraphs: ['It concerns every server, and your role covers some of them only. Nothing was changed.'],
  },
};
