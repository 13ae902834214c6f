import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

import type { Principal } from '../../model/principal.js';
import { principalByToken } from '../../monitor/api-token.js';
import { peekSession } from '../../monitor/session.js';
import { bearerOf } from '../authenticate.js';
import { readSession } from '../session-cookie.js';
import type { Site } from '../site.js';
import { refuse } from './answer-error.js';
import { EVENT_TYPES } from './api-event.js';
import { createEventHub } from './event-hub.js';
import { eventStream } from './event-stream.js';
import { type Call, defineFile, type Operation } from './operation.js';

/** Each is a connection that stays. */
const MAX_STREAMS = 100;
/** A person has a few browsers, and a program one or two connections. */
const MAX_STREAMS_EACH = 8;

/** Returns the operation that tells of what happens, as it happens; all its listeners share one look into the store. */
export function eventOperation({ deps }: Pick<Site, 'deps'>): Operation {
  const hub = createEventHub(deps);
  const counts = new Map<string, number>();
  const count = (id: string, change: 1 | -1): void => {
    const now = (counts.get(id) ?? 0) + change;
    if (now === 0) counts.delete(id);
    else counts.set(id, now);
  };
  return defineFile({
    path: '/events',
    id: 'streamEvents',
    tag: 'Events',
    summary: 'Hear of what happens, as it happens',
    description: DESCRIPTION,
    role: 'viewer; what you may not see is left out',
    refusals: [],
    type: 'text/event-stream',
    handle: (_, call) => Promise.resolve(answer(call)),
  });

  function answer({ principal, site, context }: Call): Response {
    const after = parsePosition(context.req.header('last-event-id'));
    if (after === 'invalid') return refuse(context, NO_POSITION);
    // Without a body nobody would ever end it.
    if (context.req.method === 'HEAD') return context.body(null, 200, HEADERS);
    const all = [...counts.values()].reduce((sum, one) => sum + one, 0);
    if (all >= MAX_STREAMS || (counts.get(principal.id) ?? 0) >= MAX_STREAMS_EACH) {
      context.header('Retry-After', '30');
      return refuse(context, TOO_MANY);
    }
    count(principal.id, 1);
    const { store } = site.deps;
    const onEnd = (): void => {
      count(principal.id, -1);
    };
    const again = asker(context, site);
    const drop = (): void => {
      dropConnection(context);
    };
    return context.body(eventStream({ hub, store, principal, again, after, drop, onEnd }), 200, HEADERS);
  }
}

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Proxies of the nginx kind collect an answer before they pass it on, unless they are told.
  'X-Accel-Buffering': 'no',
};

const DESCRIPTION = [
  'Server-sent events: `id` is the position in the audit log, and `Last-Event-ID` goes on after it.',
  `Types: ${EVENT_TYPES.map((type) => `\`${type}\``).join(', ')}, each with a JSON object as its data.`,
  '`server-…` and `delivery-failed` have no position and are not told again after a new connection.',
  '`reset` means that too much happened meanwhile: read everything anew.',
  'The stream ends soon after the session or token does.',
].join(' ');

const NO_POSITION = {
  status: 400,
  code: 'REQUEST_INVALID',
  message: 'Last-Event-ID has to be an id from the stream',
  path: 'header/Last-Event-ID',
} as const;

const TOO_MANY = {
  status: 429,
  code: 'TOO_MANY_STREAMS',
  message: `at most ${MAX_STREAMS} streams are open at once, ${MAX_STREAMS_EACH} of one person or token`,
} as const;

function parsePosition(text: string | undefined): number | undefined | 'invalid' {
  if (text === undefined || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : 'invalid';
}

/** Returns what tells who it is later on. It does not count as using the session: a page left open keeps nobody signed in. */
function asker(context: Context, site: Site): () => Promise<Principal | undefined> {
  const token = bearerOf(context);
  if (token !== undefined) return () => principalByToken(token, site.deps);
  const secret = readSession(context, site);
  return () => (secret === undefined ? Promise.resolve(undefined) : peekSession(secret, site.deps, site.sessionLimits));
}

function dropConnection({ env }: Context): void {
  const { outgoing } = (env ?? {}) as Partial<HttpBindings>;
  outgoing?.destroy();
}
