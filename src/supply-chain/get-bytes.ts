import { fetch } from 'undici';

import { messageOf } from '../errors.js';
import { quote } from '../quote.js';
import { had, notHad, type Told } from './told.js';

/** What a registry answered, whatever its status. */
export interface Answer {
  readonly status: number;
  /** `undefined` where the header is not there. */
  header(name: string): string | undefined;
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
export async function getBytes(url: URL, { headers = {}, maxBytes, signal }: Get): Promise<Told<Answer>> {
  try {
    const response = await fetch(url, {
      headers: { ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const body = await readWhole(response.body, maxBytes);
    if (body === undefined) return notHad(`${show(url)} answers with more than ${maxBytes} bytes`);
    return had({ status: response.status, header: (name) => response.headers.get(name) ?? undefined, body });
  } catch (error) {
    return notHad(`${show(url)} could not be reached: ${quote(reasonOf(error), 160)}`);
  }
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

/** Without what may be a secret: user, password, query. */
function show({ protocol, host, pathname }: URL): string {
  return quote(`${protocol}//${host}${pathname}`, 160);
}

/** fetch says only "fetch failed"; why is in its cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? messageOf(error.cause) : messageOf(error);
}
