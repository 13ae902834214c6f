import type { Context } from 'hono';

import { codeOf, type ErrorCode, messageOf } from '../errors.js';
import { quote } from '../quote.js';
import type { Site } from './site.js';
import { type Message, messagePage } from './views/message-page.js';

/** Returns the page for an error: its code and what it means here, never its message, which may quote a server or a path. */
export function showError(error: unknown, context: Context, site: Site): Response | Promise<Response> {
  const code = codeOf(error);
  const { status, title, paragraphs } = meaningOf(code);
  // The path holds the link's token and is left out.
  if (status >= 500) site.deps.logger.error(`approval page: ${code}: ${quote(messageOf(error))}`);
  return messagePage(context, status, { title, paragraphs, code });
}

type Meaning = Message & { readonly status: 403 | 404 | 409 | 500 | 503 };

function meaningOf(code: ErrorCode): Meaning {
  return MEANINGS[code] ?? INNER_FAILURE;
}

const MEANINGS: Partial<Readonly<Record<ErrorCode, Meaning>>> = {
  NOT_FOUND: {
    status: 404,
    title: 'This link leads nowhere',
    paragraphs: ['Nothing was decided. `sealwatch pending` lists what waits for a decision.'],
  },
  APPROVAL_REFUSED: {
    status: 403,
    title: 'The decision was refused',
    paragraphs: [
      'Nothing was decided, and the attempt is in the audit log. The link has expired, or this change needs a browser that was enrolled for an approver.',
    ],
  },
  STORE_LOCKED: {
    status: 503,
    title: 'The store is busy',
    paragraphs: ['Open the link again in a moment to see what holds.'],
  },
  STORE_CONFLICT: {
    status: 503,
    title: 'The store is busy',
    paragraphs: ['Open the link again in a moment to see what holds.'],
  },
};

/** Every code that is not named above is one, also a new one until somebody says otherwise. */
const INNER_FAILURE: Meaning = {
  status: 500,
  title: 'Something went wrong inside Sealwatch',
  paragraphs: ['The log of the service says more. Open the link again to see what holds now.'],
};
