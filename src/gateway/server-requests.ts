import { parseJson } from '../integrity/parse-json.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import type { Listener } from './client-end.js';

/** What a server may ask, and the capability by which a client says that it answers. */
const ANSWERED: Readonly<Record<string, string>> = {
  'roots/list': 'roots',
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
};

/** Requests of one server that may wait for the client at once: a flood must not become one. */
const MAX_WAITING = 32;

const MAX_DEPTH = 128;

interface Asking {
  readonly capabilities: JsonObject;
  readonly check: (params: JsonValue | undefined) => Promise<{ readonly params: JsonValue | undefined } | undefined>;
}

/** Counted for all servers: one client may talk to several. */
let lastId = 0;

/** Hands a server's requests to the client, under ids of our own, and its answers back. */
export class ServerRequests {
  readonly #client: Listener;
  readonly #waiting = new Map<string, (answer: JsonObject | undefined) => void>();

  constructor(client: Listener) {
    this.#client = client;
  }

  /**
   * Returns the client's `result` or `error`; `undefined` where it does not answer such requests, or is not asked them.
   *
   * @param check what is asked of what the server wrote; `undefined` where that is kept back
   */
  async ask(method: string, text: string, { capabilities, check }: Asking): Promise<JsonObject | undefined> {
    const capability = Object.hasOwn(ANSWERED, method) ? ANSWERED[method] : undefined;
    if (capability === undefined || memberOf(capabilities, capability) === undefined) return undefined;
    const { value, flaws } = parseJson(text, { maxDepth: MAX_DEPTH });
    if (flaws.length > 0) return undefined;
    const checked = await check(memberOf(value, 'params'));
    return checked === undefined ? undefined : await this.send(method, checked.params);
  }

  /** Asks something of our own, or of the server; returns the client's `result` or `error`, `undefined` where nothing comes. */
  async send(method: string, params: JsonValue | undefined): Promise<JsonObject | undefined> {
    if (!this.#client.isAskable || this.#waiting.size >= MAX_WAITING) return undefined;
    const id = `sealwatch-${++lastId}`;
    this.#client.send(JSON.stringify({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) }));
    return await new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** Takes a message of the client that is no request; an answer that nobody asked for is dropped. */
  answered(message: JsonObject): void {
    const id: JsonValue | undefined = memberOf(message, 'id');
    const resolve = typeof id === 'string' ? this.#waiting.get(id) : undefined;
    if (resolve === undefined || typeof id !== 'string') return;
    this.#waiting.delete(id);
    const [result, error] = [memberOf(message, 'result'), memberOf(message, 'error')];
    if (isJsonObject(result)) resolve({ result });
    else resolve(isJsonObject(error) ? { error } : undefined);
  }

  close(): void {
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
  }
}
