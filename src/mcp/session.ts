import { SealwatchError } from '../errors.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import type { ShownCertificate } from '../model/tls.js';
import { quote } from '../quote.js';
import { abortedError, type Lifeline } from './lifeline.js';
import type { Link, OutgoingMessage, Receiver } from './link.js';
import { LIST_CHANGED, METHOD_NOT_FOUND } from './protocol.js';
import { type Message, readMessages, type RpcError } from './read-message.js';

/** What a server answered: the `result` member exactly as sent, or its error. */
export type Answer =
  | { readonly kind: 'result'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'error'; readonly error: RpcError };

/** Who hears what the server asks and tells of its own accord. */
export interface Peer {
  /** The answer goes back as it is; `undefined`: nobody can answer. */
  request(method: string, text: string): Promise<JsonObject | undefined>;
  /** The whole message, as received. */
  notification(method: string, text: string): void;
}

interface Pending {
  readonly method: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A server has no business asking us anything but `ping`; a flood of requests must not become a flood of answers. */
const MAX_ANSWERED_REQUESTS = 100;

/**
 * One JSON-RPC conversation. Routes answers by our own reading of the bytes received; what was never asked for, a second
 * answer, notifications and the server's own requests do no harm. Request ids count up from 1.
 */
export class Session implements Receiver {
  readonly #lifeline: Lifeline;
  readonly #limits: Limits;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<() => void>();
  #link: Link | undefined;
  #peer: Peer | undefined;
  #meta: JsonObject | undefined;
  #lastId = 0;
  #messages = 0;
  #remainingBytes: number;
  #answeredRequests = 0;
  #unexpected = 0;
  #strays = 0;
  #firstStray = '';
  #certificate: ShownCertificate | undefined;
  readonly #keys = new Map<string, JsonObject>();

  constructor(lifeline: Lifeline, limits: Limits) {
    this.#lifeline = lifeline;
    this.#limits = limits;
    this.#remainingBytes = this.#budget();
    lifeline.onEnd((reason) => {
      for (const { reject } of [...this.#pending.values()]) reject(reason);
    });
  }

  attach(link: Link): void {
    this.#link = link;
  }

  /** Hands on what the server asks and tells; nobody hears it otherwise. */
  relayTo(peer: Peer): void {
    this.#peer = peer;
  }

  /** What every request carries in `params._meta` from now on. */
  useMeta(meta: JsonObject): void {
    this.#meta = meta;
  }

  /** Calls the listener for every announcement that a list has changed; returns what stops it. */
  onListChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Bounds what the server may send from now on: a listing, and as much again as one message for everything else. */
  beginObservation(): void {
    this.#remainingBytes = this.#budget();
  }

  /** A connection that stays open may carry any amount over the weeks. */
  endObservation(): void {
    this.#remainingBytes = Number.POSITIVE_INFINITY;
  }

  /**
   * Asks and waits for the answer, at most `timeoutMs` where that is given.
   *
   * @throws {SealwatchError} `OBSERVE_TIMEOUT`, `OBSERVE_NOT_JSON_RPC` (only garbage came), or why the connection ended.
   */
  async request(
    method: string,
    params: JsonObject,
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Answer> {
    if (this.#lifeline.reason !== undefined) throw this.#lifeline.reason;
    const id = ++this.#lastId;
    const { timeoutMs, signal } = options;
    const answer = new Promise<Answer>((resolve, reject) => this.#pending.set(id, { method, resolve, reject }));
    const reject = (error: Error): void => this.#pending.get(id)?.reject(error);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            reject(this.timeoutError(`no answer to ${method}`, timeoutMs));
          }, timeoutMs);
    const onAbort = (): void => {
      reject(abortedError());
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      this.#send({ jsonrpc: '2.0', id, method, params: this.#withMeta(params) }).catch((error: unknown) => {
        reject(error as Error);
      });
      return await answer;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.#forget(id);
    }
  }

  /**
   * Asks for somebody else, and waits as long as that one does; the server is told when it is called off.
   *
   * @throws {SealwatchError} why it was called off, or why the connection ended
   */
  async relay(method: string, params: JsonObject, life: Lifeline): Promise<Answer> {
    const ended = this.#lifeline.reason ?? life.reason;
    if (ended !== undefined) throw ended;
    const id = ++this.#lastId;
    let release = (): void => undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#pending.set(id, { method, resolve, reject });
        this.#send({ jsonrpc: '2.0', id, method, params: this.#withMeta(params) }).catch(reject);
        release = life.onEnd((reason) => {
          reject(reason);
          // The server need not work on for nobody.
          this.#sendQuietly({ method: 'notifications/cancelled', params: { requestId: id } });
          this.#link?.end?.(id, 'called-off');
        });
      });
    } finally {
      release();
      this.#forget(id);
    }
  }

  #forget(id: number): void {
    this.#pending.delete(id);
    this.#link?.end?.(id, 'answered');
  }

  async notify(method: string, params?: JsonObject): Promise<void> {
    await this.#lifeline.wait(this.#send({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) }));
  }

  receive(text: string, bytes: number): void {
    if (this.#lifeline.reason !== undefined) return;
    this.#remainingBytes -= bytes;
    // The listing itself is counted page by page; here notifications, requests and unasked answers are bounded too.
    if (this.#remainingBytes < 0) {
      this.#lifeline.fail(
        new SealwatchError('OBSERVE_LISTING_TOO_LARGE', `more than ${this.#budget()} bytes in one observation`),
      );
      return;
    }
    // One message of a batch, and not the batch: what is handed on is held to be that message.
    readMessages(text, (message, own) => {
      this.#route(message, bytes, own);
    });
  }

  receiveCertificate(shown: ShownCertificate): void {
    this.#certificate = shown;
    const [key = '', issuer = ''] = shown.pins;
    this.#keys.set(`${key} ${issuer}`, { key, issuer });
  }

  /** When the newest certificate ends; `undefined` where the connection is not encrypted. */
  get certificateExpiresAt(): string | undefined {
    return this.#certificate?.expiresAt;
  }

  /** The keys of the server and of its issuer; several where its machines have different ones. Empty without encryption. */
  get certificateKeys(): readonly JsonObject[] {
    return Array.from(this.#keys)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, keys]) => keys);
  }

  receiveStray(text: string): void {
    if (this.#strays++ === 0) this.#firstStray = text.slice(0, 200);
  }

  receiveNothing(id: JsonValue, reason: Error): void {
    if (typeof id === 'number') this.#pending.get(id)?.reject(reason);
  }

  /** Returns the error for an answer that did not come in time: a server that printed nothing but garbage is none. */
  timeoutError(what: string, timeoutMs: number): SealwatchError {
    if (this.#messages === 0 && this.#strays > 0) {
      return new SealwatchError('OBSERVE_NOT_JSON_RPC', `${what} in ${timeoutMs} ms; ${this.#straySentence()}`);
    }
    return new SealwatchError('OBSERVE_TIMEOUT', `${what} in ${timeoutMs} ms`);
  }

  remarks(): readonly string[] {
    const strays = this.#strays === 0 ? [] : [this.#straySentence()];
    if (this.#unexpected === 0) return strays;
    return [...strays, `${this.#unexpected} messages that answer nothing we asked, or are no JSON-RPC 2.0`];
  }

  /** The first line of garbage, for an error message; empty where there was none. */
  strayHint(): string {
    return this.#strays === 0 ? '' : `; ${this.#straySentence()}`;
  }

  #budget(): number {
    return this.#limits.maxListingBytes + this.#limits.maxMessageBytes;
  }

  #straySentence(): string {
    const lines = this.#strays === 1 ? '1 line' : `${this.#strays} lines`;
    return `${lines} on standard output that are not JSON-RPC, the first: ${quote(this.#firstStray, 80)}`;
  }

  #route(message: Message, bytes: number, text: string): void {
    switch (message.kind) {
      case 'result':
        this.#answer(message.id, { kind: 'result', text: message.text, bytes });
        return;
      case 'error':
        this.#answer(message.id, { kind: 'error', error: message.error });
        return;
      case 'request':
        this.#messages++;
        this.#answerRequest(message.id, message.method, text);
        return;
      case 'notification':
        this.#messages++;
        if (LIST_CHANGED.includes(message.method)) for (const listener of [...this.#listeners]) listener();
        this.#peer?.notification(message.method, text);
        return;
      case 'other':
        this.#refuse(message.id, message.problem, text);
    }
  }

  #answer(id: JsonValue, answer: Answer): void {
    this.#messages++;
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (pending !== undefined) pending.resolve(answer);
    // Some clients take "1" for 1: what they would show is not what we could check, so this is an error at once.
    else if (typeof id === 'string')
      this.#refuse(Number(id), `the id ${quote(id, 40)}, a string, where a number was asked`, '');
    else this.#unexpected++;
  }

  #refuse(id: JsonValue | undefined, problem: string, text: string): void {
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (pending !== undefined) {
      pending.reject(
        new SealwatchError(
          'OBSERVE_NOT_JSON_RPC',
          `the answer to ${pending.method} is no JSON-RPC 2.0: it has ${problem}`,
        ),
      );
    } else if (text === '') this.#unexpected++;
    else this.receiveStray(text);
  }

  #answerRequest(id: JsonValue, method: string, text: string): void {
    const unknown = { error: { code: METHOD_NOT_FOUND, message: 'Method not found' } };
    if (method !== 'ping' && this.#peer !== undefined) {
      // What we could not read is not asked.
      const outcome = this.#peer.request(method, text).catch(() => undefined);
      void outcome.then((answer) => {
        this.#sendQuietly({ id, ...(answer ?? unknown) });
      });
      return;
    }
    if (++this.#answeredRequests > MAX_ANSWERED_REQUESTS && this.#peer === undefined) return;
    this.#sendQuietly({ id, ...(method === 'ping' ? { result: {} } : unknown) });
  }

  #sendQuietly(message: Omit<OutgoingMessage, 'jsonrpc'>): void {
    this.#send({ jsonrpc: '2.0', ...message }).catch(() => {
      // The server asked and is gone or refuses the answer: its loss. Our own requests notice the same by themselves.
    });
  }

  #withMeta(params: JsonObject): JsonObject {
    if (this.#meta === undefined) return params;
    const theirs = memberOf(params, '_meta');
    return { ...params, _meta: { ...(isJsonObject(theirs) ? theirs : {}), ...this.#meta } };
  }

  async #send(message: OutgoingMessage): Promise<void> {
    await this.#link?.send(message);
  }
}
