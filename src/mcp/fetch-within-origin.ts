import { SealwatchError } from '../errors.js';
import { quote } from '../quote.js';

/** As many as the SDK follows. */
const MAX_REDIRECTS = 5;

/** What is needed of a response to follow it. */
interface Redirectable {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { cancel(): Promise<void> } | null;
}

/**
 * Follows redirects that stay within the origin of the request and keep its method. Any other is refused before a byte is
 * sent to where it leads: whoever can redirect could show the monitor another server, and would get its credentials.
 *
 * @throws {SealwatchError} `OBSERVE_REDIRECT`
 */
export async function fetchWithinOrigin<R extends Redirectable>(url: URL, send: (url: URL) => Promise<R>): Promise<R> {
  let target = url;
  for (let count = 0; count <= MAX_REDIRECTS; count++) {
    const response = await send(target);
    const location = REDIRECTS.includes(response.status) ? response.headers.get('location') : null;
    if (location === null) return response;
    await response.body?.cancel();
    target = nextTarget(location, target, response.status);
  }
  throw new SealwatchError('OBSERVE_REDIRECT', `the server redirected more than ${MAX_REDIRECTS} times`);
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** These keep the method; the others turn a POST into a GET. */
const KEEPING_METHOD = [307, 308];

function nextTarget(location: string, from: URL, status: number): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (target?.origin !== from.origin || target.username !== from.username || target.password !== from.password) {
    const shown = quote(target === undefined ? location : `${target.origin}${target.pathname}`, 120);
    throw new SealwatchError(
      'OBSERVE_REDIRECT',
      `the server redirects to ${shown}; if that is right, write it in "url"`,
    );
  }
  if (KEEPING_METHOD.includes(status)) return target;
  throw new SealwatchError(
    'OBSERVE_REDIRECT',
    `the server redirects with HTTP ${status}, which no MCP request survives`,
  );
}
