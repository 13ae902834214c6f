import { SealwatchError } from '../errors.js';
import { type JsonValue, memberOf } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import { LISTS, type Page } from '../model/observation.js';
import { quote } from '../quote.js';
import { METHOD_NOT_FOUND } from './protocol.js';
import { readElements, readMembers } from './read-members.js';
import type { RpcError } from './read-message.js';
import type { Answer, Session } from './session.js';
import { serverError } from './shake-hands.js';

type List = (typeof LISTS)[number];

/** One page with what is needed to go on, none of it parsed. */
interface ReadPage extends Page {
  /** The array of definitions, as received. */
  readonly items: string;
  readonly cursor: string | undefined;
}

interface Walk {
  readonly pages: readonly ReadPage[];
  readonly remarks: readonly string[];
}

/** A server that announces changes while it starts settles at the second walk; one that still changes at the fourth does not. */
const MAX_WALKS = 4;

/**
 * Returns every page of every list, all from one moment.
 *
 * A list that comes in pages can be torn: a definition that moves to a page already read is never seen. So it is read
 * until two walks in a row agree; and everything is read again when the server announces a change meanwhile.
 *
 * Tools are always asked for, announced or not, as clients that do not check do; the other lists where announced.
 *
 * @throws {SealwatchError} `OBSERVE_CHANGED_WHILE_LISTING`, `OBSERVE_CURSOR_LOOP`, `OBSERVE_TOO_MANY_PAGES`,
 * `OBSERVE_TOO_MANY_DEFINITIONS`, `OBSERVE_LISTING_TOO_LARGE`, `OBSERVE_SHAPE`, `OBSERVE_SERVER_ERROR`, `OBSERVE_TIMEOUT`.
 */
export async function listSurface(
  session: Session,
  capabilities: JsonValue | undefined,
  limits: Limits,
  signal?: AbortSignal,
): Promise<{ readonly pages: readonly Page[]; readonly remarks: readonly string[] }> {
  let announcements = 0;
  const stop = session.onListChanged(() => announcements++);
  try {
    let previous: Walk | undefined;
    for (let count = 0; count < MAX_WALKS; count++) {
      announcements = 0;
      session.beginObservation();
      const walk = await walkLists({ session, limits, signal }, capabilities);
      const isTornAtWorst = isPaginated(walk) && !(previous !== undefined && isSame(previous, walk));
      if (announcements === 0 && !isTornAtWorst) return { pages: walk.pages.map(asPage), remarks: walk.remarks };
      previous = walk;
    }
  } finally {
    stop();
    session.endObservation();
  }
  throw new SealwatchError(
    'OBSERVE_CHANGED_WHILE_LISTING',
    `the definitions changed during each of ${MAX_WALKS} listings`,
  );
}

interface Context {
  readonly session: Session;
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
}

/** What one walk has used up of the limits that all lists share. */
interface Usage {
  bytes: number;
  definitions: number;
}

const ABSENT: readonly (JsonValue | undefined)[] = [undefined, null, false];

async function walkLists(context: Context, capabilities: JsonValue | undefined): Promise<Walk> {
  const usage: Usage = { bytes: 0, definitions: 0 };
  const pages: ReadPage[] = [];
  const remarks: string[] = [];
  for (const list of LISTS) {
    const isAnnounced = !ABSENT.includes(memberOf(capabilities, list.capability));
    if (!isAnnounced && list.kind !== 'tool') continue;
    const found = await walkList(context, list, isAnnounced, usage);
    pages.push(...found);
    if (found.length === 0 && isAnnounced) remarks.push(`${list.method} is announced, but the server does not know it`);
  }
  return { pages, remarks };
}

async function walkList(
  context: Context,
  list: List,
  isAnnounced: boolean,
  usage: Usage,
): Promise<readonly ReadPage[]> {
  const { limits } = context;
  const pages: ReadPage[] = [];
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    if (pages.length >= limits.maxPages) {
      throw new SealwatchError('OBSERVE_TOO_MANY_PAGES', `${list.method}: more than ${limits.maxPages} pages`);
    }
    const answer = await ask(context, list, cursor);
    if (answer.kind === 'error') {
      // An empty cursor that leads nowhere was the way to say that there is no next page.
      if (cursor === '') return pages;
      if (pages.length === 0 && isEmptyInstead(list, isAnnounced, answer.error)) return [];
      throw serverError(list.method, answer.error);
    }
    const page = readPage(list, answer, limits, usage);
    if (cursor === '' && page.items === pages.at(-1)?.items) return pages;
    pages.push(page);
    ({ cursor } = page);
    if (cursor !== undefined && cursors.has(cursor)) {
      throw new SealwatchError('OBSERVE_CURSOR_LOOP', `${list.method}: the cursor ${quote(cursor, 60)} came twice`);
    }
    if (cursor !== undefined) cursors.add(cursor);
  } while (cursor !== undefined);
  return pages;
}

/** What was not announced may be missing; prompts and templates are announced by some servers that have none. */
function isEmptyInstead(list: List, isAnnounced: boolean, { code }: RpcError): boolean {
  if (!isAnnounced) return true;
  return code === METHOD_NOT_FOUND && (list.kind === 'prompt' || list.kind === 'resource-template');
}

async function ask(
  { session, limits, signal }: Context,
  { method }: List,
  cursor: string | undefined,
): Promise<Answer> {
  return await session.request(method, cursor === undefined ? {} : { cursor }, {
    timeoutMs: limits.requestMs,
    ...(signal === undefined ? {} : { signal }),
  });
}

function readPage(
  { method, member }: List,
  { text: result, bytes }: { readonly text: string; readonly bytes: number },
  limits: Limits,
  usage: Usage,
): ReadPage {
  usage.bytes += bytes;
  if (usage.bytes > limits.maxListingBytes) {
    throw new SealwatchError('OBSERVE_LISTING_TOO_LARGE', `the listing is larger than ${limits.maxListingBytes} bytes`);
  }
  const members = readMembers(result, [member, 'nextCursor']);
  const range = members?.get(member);
  const items = range === undefined ? '' : result.slice(range.start, range.end);
  const isArray = items !== '' && readElements(items, () => usage.definitions++);
  if (!isArray)
    throw new SealwatchError('OBSERVE_SHAPE', `${method}: the result is not an object with an array "${member}"`);
  if (usage.definitions > limits.maxDefinitions) {
    throw new SealwatchError(
      'OBSERVE_TOO_MANY_DEFINITIONS',
      `the server declares more than ${limits.maxDefinitions} definitions`,
    );
  }
  const next = members?.get('nextCursor');
  const cursor = next === undefined ? undefined : readCursor(method, result.slice(next.start, next.end));
  return { method, result, items, cursor };
}

/**
 * `null` says that there is no next page. So does an empty cursor from many servers that always write the member, but there are
 * clients that follow it: a page that only they are shown must not stay unseen, so it is followed too.
 */
function readCursor(method: string, text: string): string | undefined {
  const cursor: unknown = text.startsWith('"') || text === 'null' ? JSON.parse(text) : undefined;
  if (typeof cursor === 'string') return cursor;
  if (cursor === null) return undefined;
  throw new SealwatchError('OBSERVE_SHAPE', `${method}: "nextCursor" is not a string: ${quote(text, 40)}`);
}

function isPaginated({ pages }: Walk): boolean {
  return new Set(pages.map(({ method }) => method)).size < pages.length;
}

/** Compares the definitions only: a server may give out new cursors each time. */
function isSame(before: Walk, after: Walk): boolean {
  if (before.pages.length !== after.pages.length) return false;
  return after.pages.every(({ method, items }, index) => {
    const other = before.pages[index];
    return other?.method === method && other.items === items;
  });
}

function asPage({ method, result }: ReadPage): Page {
  return { method, result };
}
