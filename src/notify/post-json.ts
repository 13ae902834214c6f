import { Agent, request } from 'undici';

import { messageOf, SealwatchError } from '../errors.js';
import type { HttpTarget } from '../model/channel.js';
import { quote } from '../quote.js';

/** A delivery must end before its lease does. */
const SEND_TIMEOUT_MS = 60_000;

/** Of an answer that refuses; enough to read why. */
const MAX_ANSWER_BYTES = 2_048;

/**
 * Posts JSON and resolves when it was taken (2xx). Redirects are not followed: what the configuration names is what gets the alert.
 *
 * @throws {SealwatchError} `NOTIFY_FAILED`; neither address nor key is in the message, since whoever knows them may post.
 */
export async function postJson(
  channel: {
    readonly name: string;
    readonly target: HttpTarget;
    readonly routingKey?: string;
  },
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const { url, ca } = channel.target;
  const { routingKey } = channel;
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca }, pipelining: 0 });
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
    const all = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'sealwatch', ...headers };
    const answer = await request(url, { method: 'POST', body, headers: all, dispatcher, signal: until });
    const { statusCode } = answer;
    const text = await readStart(answer.body);
    if (statusCode < 200 || statusCode > 299) {
      const said = text === '' ? '' : `: ${quote(withoutSecrets(text, url, routingKey), 200)}`;
      throw new SealwatchError('NOTIFY_FAILED', `${channel.name}: ${new URL(url).host} answered ${statusCode}${said}`);
    }
  } catch (error) {
    if (error instanceof SealwatchError) throw error;
    // No cause: the library's error may hold the address.
    const why = quote(withoutSecrets(messageOf(error), url, routingKey), 200);
    throw new SealwatchError('NOTIFY_FAILED', `${channel.name}: ${new URL(url).host} cannot be reached: ${why}`);
  } finally {
    await dispatcher.destroy();
  }
}

async function readStart(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8').trim();
}

/** A server may repeat what it was asked. */
function withoutSecrets(text: string, url: string, routingKey: string | undefined): string {
  const { pathname, search, searchParams } = new URL(url);
  // As it is written, too: a signature such as `sig=a%2Fb` differs from its value.
  const written = search
    .slice(1)
    .split('&')
    .map((one) => one.slice(one.indexOf('=') + 1));
  const parts = [...pathname.split('/'), ...written, ...searchParams.values()];
  const withoutKey = routingKey === undefined ? text : text.replaceAll(routingKey, '[key]');
  return [url, `${pathname}${search}`, pathname, ...parts]
    .filter((secret) => secret.length >= 8)
    .reduce((rest, secret) => rest.replaceAll(secret, '[address]'), withoutKey);
}
