import { fetch } from 'undici';

import { type Evidence, present, unknown, unreached } from '../model/package-facts.js';
import { quote } from '../quote.js';

/** What a registry answered, whatever its status. */
export interface Answer {
  readonly status: number;
  /** Returns `undefined` where the header is not there. */
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

interface Get {
  readonly headers?: Readonly<Record<string, string>>;
  /** A larger answer is none: a registry must not fill our memory. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A registry that takes longer does not hold up a check. */
const TIMEOUT_MS = 15_000;

/** Returns what a registry answers. Redirects are not followed: an answer counts as that of whoever was asked. */
export async function getBytes(url: URL, { headers = {}, maxBytes, signal }: Get): Promise<Evidence<Answer>> {
  const { address, authorization } = withoutSecret(url);
  try {
    const response = await fetch(address, {
      headers: { ...authorization, ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const body = await readWhole(response.body, maxBytes);
    if (body === undefined) return unknown(`${shown(url)} answers with more than ${maxBytes} bytes`);
    return present({ status: response.status, header: (name) => response.headers.get(name) ?? undefined, body });
  } catch {
    // What went wrong is partly in words of whoever answers, and for us it is all the same.
    return unreached(`${shown(url)} could not be reached`);
  }
}

/** Returns why a status is no answer: a server that fails, or is asked too often, may have one another time. */
export function noAnswer(url: URL, status: number): Evidence<never> {
  const why = `${shown(url)} answers with HTTP ${status}`;
  return status >= 500 || status === 408 || status === 429 ? unreached(why) : unknown(why);
}

function withoutSecret(url: URL): { readonly address: URL; readonly authorization: Record<string, string> } {
  if (url.username === '' && url.password === '') return { address: url, authorization: {} };
  const address = new URL(url);
  [address.username, address.password] = ['', ''];
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { address, authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
}

async function readWhole(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > maxBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Without what may be a secret: user, password, path, query. */
function shown({ protocol, host }: URL): string {
  return quote(`${protocol}//${host}`, 160);
}
