import type { ServerResponse } from 'node:http';

import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import { insufficientScope } from './authorize.js';
import {
  acknowledgement,
  type AnnouncedList,
  changeText,
  type ClientEnd,
  MAX_UNREAD_BYTES,
  oneLine,
} from './client-end.js';

/** A stream says that it is there: proxies end one that is silent. */
const KEEP_ALIVE_MS = 25_000;

/** A request of the client, and where its answer goes. */
interface Waiting {
  /** Ours; the client knows it as `shownAs`. */
  readonly id: JsonValue;
  readonly shownAs: JsonValue;
  /** What its progress is told under; the client knows it as `shownToken`. */
  readonly token: JsonValue | undefined;
  readonly shownToken: JsonValue | undefined;
  readonly response: ServerResponse;
  /** What the challenge begins with that asks for another token. */
  readonly challenge: string | undefined;
}

/**
 * The client's end over Streamable HTTP: an answer goes back on the request that it is for, as JSON, or as an event stream where
 * something else came before it; everything else goes to the stream that the client keeps open for it.
 */
export class HttpClient implements ClientEnd {
  readonly #waiting = new Map<string, Waiting>();
  readonly #tokens = new Map<string, string>();
  readonly #subscriptions = new Map<Waiting, readonly AnnouncedList[]>();
  readonly #headers: Readonly<Record<string, string>>;
  #stream: ServerResponse | undefined;

  /** `headers` go with every answer. */
  constructor(headers: Readonly<Record<string, string>>) {
    this.#headers = headers;
  }

  get isAskable(): boolean {
    return 'mcp-session-id' in this.#headers;
  }

  /** Whether somebody waits for anything. */
  get isInUse(): boolean {
    return this.#waiting.size > 0 || this.#stream !== undefined;
  }

  /** Returns whether the answer will go there: not where another request waits under this id. */
  expect(waiting: Waiting): boolean {
    const { id, token, response } = waiting;
    const key = JSON.stringify(id);
    if (this.#waiting.has(key)) return false;
    this.#waiting.set(key, waiting);
    const tokenKey = JSON.stringify(token ?? null);
    const isOwnToken = token !== undefined && !this.#tokens.has(tokenKey);
    if (isOwnToken) this.#tokens.set(tokenKey, key);
    response.once('close', () => {
      this.#waiting.delete(key);
      if (isOwnToken) this.#tokens.delete(tokenKey);
    });
    return true;
  }

  /** Everything that answers nothing goes here. Returns whether there was none yet. */
  listen(response: ServerResponse): boolean {
    if (this.#stream !== undefined) return false;
    this.#stream = response;
    startEvents(response, this.#headers);
    keepAlive(response);
    response.once('close', () => {
      this.#stream = undefined;
    });
    return true;
  }

  announce(list: AnnouncedList): void {
    // Without a session nobody is told but who subscribed.
    if (this.isAskable) this.#tell(this.#stream ?? this.#working?.response, changeText(list));
    for (const [{ shownAs, response }, lists] of this.#subscriptions)
      if (lists.includes(list)) writeEvent(response, changeText(list, shownAs));
  }

  subscribe(id: JsonValue, lists: readonly AnnouncedList[]): () => void {
    const waiting = this.#waiting.get(JSON.stringify(id));
    if (waiting === undefined) return () => undefined;
    const { shownAs, response } = waiting;
    if (!response.headersSent) startEvents(response, this.#headers);
    keepAlive(response);
    writeEvent(response, acknowledgement(lists, shownAs));
    this.#subscriptions.set(waiting, lists);
    return () => {
      this.#subscriptions.delete(waiting);
      response.end();
    };
  }

  /** The oldest request that waits for an answer. */
  get #working(): Waiting | undefined {
    for (const waiting of this.#waiting.values()) if (!this.#subscriptions.has(waiting)) return waiting;
    return undefined;
  }

  reply(id: JsonValue, text: string, scopes?: readonly string[]): void {
    const waiting = this.#waiting.get(JSON.stringify(id));
    if (waiting === undefined) return;
    const { response, challenge } = waiting;
    const shown = withId(text, waiting);
    if (response.headersSent) {
      writeEvent(response, shown);
      response.end();
      return;
    }
    const headers = {
      ...this.#headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(shown),
      'cache-control': 'no-store',
    };
    // MCP 2025-11-25, Authorization, Runtime Insufficient Scope Errors.
    if (scopes === undefined || challenge === undefined) response.writeHead(200, headers);
    else response.writeHead(403, { ...headers, 'www-authenticate': insufficientScope(challenge, scopes) });
    response.end(shown);
  }

  send(text: string, token?: JsonValue): void {
    const key = token === undefined ? undefined : this.#tokens.get(JSON.stringify(token));
    const own = key === undefined ? undefined : this.#waiting.get(key);
    // A server that asks something while it works is heard on the request that it works on, where there is no other stream.
    const response = own?.response ?? this.#stream ?? this.#working?.response;
    if (response !== undefined && response.writableLength > MAX_UNREAD_BYTES) return;
    this.#tell(response, own === undefined ? text : withToken(text, own));
  }

  #tell(response: ServerResponse | undefined, text: string): void {
    if (response === undefined) return;
    if (!response.headersSent) startEvents(response, this.#headers);
    writeEvent(response, text);
  }

  close(): void {
    this.#stream?.end();
    // What was answered still has to arrive.
    for (const { response } of this.#waiting.values()) if (!response.writableEnded) response.destroy();
  }
}

/** Every answer of ours begins with its id. */
function withId(text: string, { id, shownAs }: Waiting): string {
  if (id === shownAs) return text;
  const [ours, theirs] = [id, shownAs].map((one) => `{"jsonrpc":"2.0","id":${JSON.stringify(one)},`);
  return text.replace(ours ?? '', () => theirs ?? '');
}

/** Our own words (see `ServerVoice`), with the client's token in them. */
function withToken(text: string, { token, shownToken }: Waiting): string {
  if (token === shownToken || shownToken === undefined) return text;
  const message = JSON.parse(text) as JsonObject;
  const params = memberOf(message, 'params');
  return isJsonObject(params) ? JSON.stringify({ ...message, params: { ...params, progressToken: shownToken } }) : text;
}

function startEvents(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
}

function keepAlive(response: ServerResponse): void {
  const timer = setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS).unref();
  response.once('close', () => {
    clearInterval(timer);
  });
}

function writeEvent(response: ServerResponse, text: string): void {
  response.write(`event: message\ndata: ${oneLine(text)}\n\n`);
}
