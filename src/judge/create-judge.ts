import { createHash } from 'node:crypto';

import { Agent, request } from 'undici';

import { messageOf, SealwatchError } from '../errors.js';
import type { JudgeSettings } from '../model/judgement.js';
import type { Judge } from '../ports.js';
import { quote } from '../quote.js';
import { ENDPOINTS } from './endpoint.js';
import { INSTRUCTIONS, readVerdict } from './question.js';

/** More is not sent: nobody writes so long a definition for a good reason, and the model would lose the thread. */
const MAX_DEFINITION_LENGTH = 64 * 1024;

/** An answer is small; a hostile or broken endpoint must not fill memory. */
const MAX_RESPONSE_BYTES = 256 * 1024;

/** Returns a judge that asks an endpoint over HTTP. Redirects are not followed: the key goes where the configuration says. */
export function createJudge(settings: JudgeSettings): Judge {
  const { api, url, model, key, ca, callsPerCheck, timeoutMs } = settings;
  const endpoint = ENDPOINTS[api];
  const asked = { api, url, model, instructions: INSTRUCTIONS };
  return {
    model,
    digest: `sha256:${createHash('sha256').update(JSON.stringify(asked)).digest('hex')}`,
    callsPerCheck,
    judge: async (definition, signal) => {
      if (definition.content.length > MAX_DEFINITION_LENGTH) {
        throw new SealwatchError(
          'JUDGE_FAILED',
          `it is longer than the ${MAX_DEFINITION_LENGTH / 1024} KB that are sent`,
        );
      }
      const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const response = await post(
        `${url}${endpoint.path}`,
        { headers: key === undefined ? {} : endpoint.headers(key), ca },
        endpoint.body(model, definition.content),
        until,
      );
      return readVerdict(endpoint.answerIn(response));
    },
  };
}

async function post(
  url: string,
  { headers, ca }: { readonly headers: Readonly<Record<string, string>>; readonly ca: string | undefined },
  body: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca }, pipelining: 0 });
  const { host } = new URL(url);
  try {
    const answer = await request(url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'user-agent': 'sealwatch', ...headers },
      dispatcher,
      signal,
    });
    // What it says to that may repeat the key or the definition; the number is enough to look it up.
    if (answer.statusCode !== 200) throw new SealwatchError('JUDGE_FAILED', `${host} answered ${answer.statusCode}`);
    return JSON.parse(await readWhole(answer.body, host)) as unknown;
  } catch (error) {
    if (error instanceof SealwatchError) throw error;
    if (error instanceof SyntaxError) throw new SealwatchError('JUDGE_FAILED', `${host} did not answer in JSON`);
    throw new SealwatchError('JUDGE_FAILED', `${host} cannot be asked: ${quote(messageOf(error), 200)}`);
  } finally {
    await dispatcher.destroy();
  }
}

async function readWhole(body: AsyncIterable<Uint8Array>, host: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_RESPONSE_BYTES) throw new SealwatchError('JUDGE_FAILED', `${host} answers without end`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
