import { parseJson } from '../integrity/parse-json.js';
import type { Peer } from '../mcp/session.js';
import { type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import type { Server } from '../model/server.js';
import { checkQuestion, checkWords } from './check-words.js';
import type { Listener } from './client-end.js';
import type { GatewayDeps } from './deps.js';
import type { ServerRequests } from './server-requests.js';

/** What a server needs to know before it lists anything; a question without words of its own. */
const ROOTS = 'roots/list';

const MAX_NOTIFICATION_DEPTH = 128;

/** UTF-16 code units of what a server says that wait to be read. */
const MAX_WAITING_WORDS = 4 * 1024 * 1024;

/** List changes are not among them: the client is told when what it may use changes. */
const PASSED_ON = ['notifications/message', 'notifications/resources/updated', 'notifications/elicitation/complete'];

/** What a server says to one client of its own accord: its questions, log messages and progress, read like its results. */
export class ServerVoice {
  readonly #server: Server;
  readonly #outputs: GatewayDeps['outputs'];
  readonly #client: Listener;
  readonly #requests: ServerRequests;
  readonly #progress = new Set<JsonValue>();
  /** Requests that were let through and are not answered yet. */
  #passed = 0;
  /** Settles when everything that the server said so far is told, or kept back. */
  #said = Promise.resolve();
  /** The length of what of it is not read yet. */
  #waiting = 0;

  constructor(server: Server, { outputs }: Pick<GatewayDeps, 'outputs'>, client: Listener, requests: ServerRequests) {
    this.#server = server;
    this.#outputs = outputs;
    this.#client = client;
    this.#requests = requests;
  }

  /** Has a request made that was let through: meanwhile the server may speak, and its answer does not overtake what it said before. */
  async during<Result>(params: JsonObject, action: () => Promise<Result>): Promise<Result> {
    const token = memberOf(memberOf(params, '_meta'), 'progressToken');
    if (token !== undefined) this.#progress.add(token);
    this.#passed += 1;
    try {
      const result = await action();
      await this.#said;
      return result;
    } finally {
      this.#passed -= 1;
      if (token !== undefined) this.#progress.delete(token);
    }
  }

  /** Returns what hears the server: only what a client expects passes, and only while it expects it. */
  peer(capabilities: JsonObject, isApproved: () => boolean): Peer {
    const maySpeak = (): boolean => this.#isObserved || this.#passed > 0 || isApproved();
    return {
      // Attack: a server of which nobody approved anything writes to the model all the same, by asking it or in its log.
      request: async (method, text) =>
        method === ROOTS || maySpeak()
          ? await this.#requests.ask(method, text, {
              capabilities,
              check: async (params) => await this.#question(method, params),
            })
          : undefined,
      notification: (method, text) => {
        if (maySpeak()) this.#hear(method, text);
      },
    };
  }

  get #isObserved(): boolean {
    return this.#server.gateway.mode === 'observe';
  }

  get #rules(): Parameters<typeof checkWords>[1] {
    return { checker: this.#outputs, mode: this.#server.gateway.outputs };
  }

  async #question(method: string, params: JsonValue | undefined): ReturnType<typeof checkWords> {
    if (method === ROOTS) return { params: undefined };
    if (this.#isObserved) return { params };
    return method === 'elicitation/create'
      ? await checkQuestion(this.#server.id, params, this.#rules)
      : await checkWords(params, this.#rules);
  }

  /** One after the other; of what comes faster than it is read nobody hears. */
  #hear(method: string, text: string): void {
    if (this.#waiting + text.length > MAX_WAITING_WORDS) return;
    this.#waiting += text.length;
    this.#said = this.#said
      .then(async () => {
        await this.#tell(method, text);
      })
      // What could not be read is not told.
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= text.length;
      });
  }

  /** Written anew, so that the client reads the message that was read here, and nothing beside it. */
  async #tell(method: string, text: string): Promise<void> {
    const isProgress = method === 'notifications/progress';
    if (!isProgress && !PASSED_ON.includes(method)) return;
    const { value, flaws } = parseJson(text, { maxDepth: MAX_NOTIFICATION_DEPTH });
    if (flaws.length > 0) return;
    const given = memberOf(value, 'params');
    const checked = this.#isObserved ? { params: given } : await checkWords(given, this.#rules);
    if (checked === undefined) return;
    const { params } = checked;
    const message = JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
    const token = isProgress ? memberOf(params, 'progressToken') : undefined;
    if (!isProgress) this.#client.send(message);
    else if (token !== undefined && this.#progress.has(token)) this.#client.send(message, token);
  }
}
