import { abortedError, Lifeline } from '../mcp/lifeline.js';
import { readMembers } from '../mcp/read-members.js';
import type { Subject } from '../model/access.js';
import { type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { AnswerContext, Backend, Outcome } from './backend.js';
import { ANNOUNCED_LISTS, type ClientEnd } from './client-end.js';
import { type ClientMessage, introductionIn, introductionOf, type Introduction } from './client-message.js';
import { type GatewayError, invalidRequest, NOT_PERMITTED, unavailable } from './errors.js';

/** Requests of one client that may wait for an answer at once. */
const MAX_IN_FLIGHT = 256;

/**
 * One client's conversation: what it asks, under which ids, and what it called off.
 *
 * The client's handshake ends here and another one is held with each server, so that the two may speak different revisions.
 */
export class ClientSession {
  readonly #backend: Backend;
  readonly #client: ClientEnd;
  readonly #inFlight = new Map<string, Lifeline>();
  /** Requests that stay open until they are called off. */
  readonly #subscriptions = new Map<string, () => void>();
  #onSettled: () => void = () => undefined;

  constructor(backend: Backend, client: ClientEnd) {
    this.#backend = backend;
    this.#client = client;
  }

  /** Whether the conversation has begun. */
  get isOpen(): boolean {
    return this.#backend.isOpen;
  }

  /** How many requests wait for an answer. */
  get waiting(): number {
    return this.#inFlight.size;
  }

  /** Takes one message of the client, who is `subject`; never throws. Resolves when it was dealt with. */
  async receive(message: ClientMessage, subject: Subject): Promise<void> {
    switch (message.kind) {
      case 'problem':
        this.#refuse(message.id, invalidRequest(message.problem));
        return;
      case 'answer':
        this.#backend.answered(message.value);
        return;
      case 'notification':
        await this.#notified(message.method, message.params);
        return;
      case 'request':
        await this.#asked(message, subject);
    }
  }

  /** Calls a request off, as the client would. */
  cancel(id: JsonValue): void {
    const key = JSON.stringify(id);
    this.#inFlight.get(key)?.fail(abortedError());
    this.#subscriptions.get(key)?.();
    this.#subscriptions.delete(key);
  }

  /** Resolves when everything that was asked is answered: what waits for a server that is gone is told so. */
  async settled(): Promise<void> {
    if (this.#inFlight.size === 0) return;
    await new Promise<void>((resolve) => (this.#onSettled = resolve));
  }

  async close(): Promise<void> {
    for (const life of this.#inFlight.values()) life.fail(abortedError());
    for (const end of this.#subscriptions.values()) end();
    await this.#backend.close();
  }

  async #asked({ id, method, params, bytes }: Request, subject: Subject): Promise<void> {
    const key = JSON.stringify(id);
    if (this.#inFlight.has(key) || this.#inFlight.size >= MAX_IN_FLIGHT) {
      this.#refuse(id, TOO_MANY);
      return;
    }
    const life = new Lifeline();
    this.#inFlight.set(key, life);
    try {
      const introduction = introductionIn(params);
      const outcome = await this.#answer(method, params, introduction, { subject, bytes, life });
      // A client that called it off waits for nothing any more.
      if (life.reason !== undefined) return;
      if (outcome === 'subscribed') this.#subscribe(id, params);
      else this.#reply(id, outcome, introduction === undefined ? undefined : method);
    } catch (error) {
      if (life.reason === undefined) this.#refuse(id, unavailable(error));
    } finally {
      this.#inFlight.delete(key);
      if (this.#inFlight.size === 0) this.#onSettled();
    }
  }

  async #answer(
    method: string,
    params: JsonObject,
    introduction: Introduction | undefined,
    context: Omit<AnswerContext, 'isModern'>,
  ): Promise<Outcome | 'subscribed'> {
    const backend = this.#backend;
    if (method === 'ping') return { kind: 'result', text: '{}' };
    const access = backend.admits(context.subject);
    if (access.kind === 'refused') return { kind: 'refusal', error: NOT_PERMITTED, scopes: access.scopes };
    if (method === 'initialize') {
      if (backend.isOpen) return { kind: 'refusal', error: invalidRequest('initialize comes once') };
      await backend.open(introductionOf(params));
      return { kind: 'result', text: await backend.greet(stringMember(params, 'protocolVersion'), context.subject) };
    }
    if (introduction === undefined && !backend.isOpen)
      return { kind: 'refusal', error: invalidRequest('the first request has to be initialize') };
    if (introduction !== undefined) await backend.open(introduction);
    if (method === 'subscriptions/listen' && introduction !== undefined)
      return this.#subscriptions.size < MAX_IN_FLIGHT ? 'subscribed' : { kind: 'refusal', error: TOO_MANY };
    if (method === 'server/discover') return { kind: 'result', text: await backend.discover(context.subject) };
    return await backend.answer(method, params, { ...context, isModern: introduction !== undefined });
  }

  #subscribe(id: JsonValue, params: JsonObject): void {
    const wanted = memberOf(params, 'notifications');
    const lists = ANNOUNCED_LISTS.filter((list) => memberOf(wanted, `${list}ListChanged`) === true);
    const key = JSON.stringify(id);
    this.#subscriptions.get(key)?.();
    this.#subscriptions.set(key, this.#client.subscribe(id, lists));
  }

  async #notified(method: string, params: JsonObject): Promise<void> {
    if (method === 'notifications/cancelled') this.cancel(memberOf(params, 'requestId') ?? null);
    else if (TOLD_ON.includes(method)) await this.#backend.notify(method, params);
  }

  /** `method` is that of a request of MCP 2026-07-28. */
  #reply(id: JsonValue, outcome: Outcome, method: string | undefined): void {
    switch (outcome.kind) {
      case 'result': {
        const text = method === undefined ? outcome.text : asModern(outcome.text, method);
        this.#client.reply(id, `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${text}}`);
        return;
      }
      case 'refusal':
        this.#refuse(id, outcome.error, outcome.scopes);
    }
  }

  #refuse(id: JsonValue, error: GatewayError, scopes?: readonly string[]): void {
    this.#client.reply(id, JSON.stringify({ jsonrpc: '2.0', id, error }), scopes);
  }
}

type Request = Extract<ClientMessage, { kind: 'request' }>;

/** What a client tells that servers are told. */
const TOLD_ON = ['notifications/roots/list_changed', 'notifications/progress'];

/**
 * MCP 2026-07-28 wants every result to say that it is complete, and what is read to say for how long it may be kept; servers of older
 * revisions say neither.
 */
function asModern(text: string, method: string): string {
  const wanted = { resultType: '"complete"', ...(method === 'resources/read' ? NOT_KEPT : {}) };
  const said = readMembers(text, Object.keys(wanted));
  const missing = Object.entries(wanted).filter(([member]) => said?.has(member) === false);
  if (missing.length === 0) return text;
  const more = missing.map(([member, value]) => `"${member}":${value}`).join(',');
  return `{${more}${/^\{\s*\}$/.test(text) ? '' : ','}${text.slice(1)}`;
}

const NOT_KEPT = { ttlMs: '0', cacheScope: '"private"' };

const TOO_MANY = invalidRequest('too many requests at once, or two of one id');
