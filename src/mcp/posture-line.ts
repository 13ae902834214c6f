import { messageOf, SealwatchError } from '../errors.js';
import type { PostureLine } from '../model/posture.js';
import { quote } from '../quote.js';
import type { Answer, OAuthFetch } from './oauth-fetch.js';

/** What was found, or why it could not be. */
export type Found<Value> = { readonly value: Value } | { readonly why: string };

/** `isMet` is `undefined` where nobody can tell. */
export function line(id: string, title: string, isMet: boolean | undefined, evidence: string): PostureLine {
  return { id, title, status: isMet === undefined ? 'could not tell' : isMet ? 'met' : 'not met', evidence };
}

/** Asks a server, and remembers what failed in a way that says nothing about it: it was not there, or had too much to do. */
export class Asker {
  readonly #guarded: OAuthFetch;
  #fault: SealwatchError | undefined;

  constructor(guarded: OAuthFetch) {
    this.#guarded = guarded;
  }

  /** The first such failure. */
  get fault(): SealwatchError | undefined {
    return this.#fault;
  }

  readonly check: OAuthFetch['check'] = (url) => this.#guarded.check(url);

  readonly fetch: typeof fetch = async (input, init) => {
    const response = await this.#noting(this.#guarded.fetch(input, init));
    this.#noteStatus(response.status, new URL(input instanceof Request ? input.url : input));
    return response;
  };

  readonly look: OAuthFetch['look'] = async (url, init, redirects) => {
    const answer = await this.#noting(this.#guarded.look(url, init, redirects));
    this.#noteStatus(answer.status, url);
    return answer;
  };

  /** Returns what an action found; a failure is none of the whole report. */
  async attempt<Value>(action: () => Promise<Value>): Promise<Found<Value>> {
    try {
      return { value: await action() };
    } catch (error) {
      this.#note(error);
      return { why: messageOf(error) };
    }
  }

  async #noting<Value>(asked: Promise<Value>): Promise<Value> {
    try {
      return await asked;
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  #note(error: unknown): void {
    if (error instanceof SealwatchError && PASSING.includes(error.code)) this.#fault ??= error;
  }

  #noteStatus(status: number, url: URL): void {
    if (!isPassing(status)) return;
    const where = quote(`${url.origin}${url.pathname}`, 120);
    this.#fault ??= new SealwatchError('OBSERVE_HTTP_STATUS', `${where} answered HTTP ${status}`);
  }
}

const PASSING: readonly string[] = ['OBSERVE_CONNECT_FAILED', 'OBSERVE_TIMEOUT'];

/** Request timeout, too many requests, and whatever went wrong at the server. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Returns whether a server refuses a request, as far as a status tells. */
export function isRefused({ status }: Answer): boolean | undefined {
  if (isPassing(status) || (status >= 300 && status < 400)) return undefined;
  return status >= 400;
}
