import type { IncomingMessage, ServerResponse } from 'node:http';

import type { SealwatchError } from '../errors.js';
import type { Subject } from '../model/access.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import type { Clock, Random } from '../ports.js';
import type { Backend } from './backend.js';
import type { Listener } from './client-end.js';
import { type ClientMessage, introductionIn, readClientMessage } from './client-message.js';
import { ClientSession } from './client-session.js';
import { HttpClient } from './http-client.js';

/** Makes what a client talks to; `onEnded` is called when that has ended by itself. */
export type MakeBackend = (client: Listener, onEnded: (reason: SealwatchError) => void) => Backend;

interface Conversation {
  readonly id: string;
  /** Whether a client knows it by its id; otherwise clients of one subject share it. */
  readonly isSession: boolean;
  /** Who opened it: nobody else may go on with it. */
  readonly subject: string;
  readonly client: HttpClient;
  readonly session: ClientSession;
  usedAt: number;
}

/** Messages of clients are small: what is larger is no call that a model made. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const MAX_CONVERSATIONS = 1_000;

/** Each may have a process of the server behind it: one subject must not take what all the others need. */
const MAX_PER_SUBJECT = 100;

/** A client that goes away without a word. */
const IDLE_MS = 30 * 60_000;

const SESSION_BYTES = 24;

const CANCELLED = 'notifications/cancelled';

/** What is left of a request that is too large is thrown away for so long. */
const FAREWELL_MS = 1_000;

/**
 * One MCP endpoint over Streamable HTTP (MCP 2025-11-25, Transports; 2026-07-28 without sessions).
 *
 * A client of the older revisions has a session, and a connection to the server of its own. Clients of 2026-07-28 have none: all that one
 * subject asks goes over one connection.
 */
export class HttpEndpoint {
  readonly #makeBackend: MakeBackend;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #conversations = new Map<string, Conversation>();
  readonly #timer: NodeJS.Timeout;
  #requests = 0;

  constructor(makeBackend: MakeBackend, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#makeBackend = makeBackend;
    this.#clock = clock;
    this.#random = random;
    this.#timer = setInterval(() => {
      this.#sweep();
    }, IDLE_MS / 10).unref();
  }

  /** Answers one request of a client that is let in; `subject` is who it is. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse, subject: Subject): Promise<void> {
    switch (request.method ?? '') {
      case 'POST':
        await this.#post(request, response, subject);
        return;
      case 'GET':
        this.#listen(request, response, subject);
        return;
      case 'DELETE': {
        const conversation = this.#known(request, subject);
        if (conversation === undefined) return void response.writeHead(404).end();
        await this.#end(conversation);
        return void response.writeHead(204).end();
      }
      default:
        response.writeHead(405, { allow: 'POST, GET, DELETE' }).end();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(Array.from(this.#conversations.values(), async (one) => this.#end(one)));
  }

  async #post(request: IncomingMessage, response: ServerResponse, subject: Subject): Promise<void> {
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      refuse(response, 415, 'the body has to be application/json');
      return;
    }
    const text = await readBody(request);
    if (text === undefined) {
      response.setHeader('connection', 'close');
      refuse(response, 413, `the body is larger than ${MAX_BODY_BYTES} bytes`);
      // A client that is still sending hears of it only where the connection does not break at once.
      setTimeout(() => request.destroy(), FAREWELL_MS).unref();
      return;
    }
    const message = readClientMessage(text);
    if (message.kind === 'problem') {
      refuse(response, 400, message.problem, message.id);
      return;
    }
    const isModern = message.kind !== 'answer' && introductionIn(message.params) !== undefined;
    const conversation = isModern ? this.#shared(message, subject) : this.#conversationFor(request, message, subject);
    if (conversation === 'full') {
      refuse(response, 503, 'too many clients; try again later');
      return;
    }
    // MCP 2025-11-25, Session Management: the client begins anew.
    if (conversation === undefined) {
      refuse(response, 404, 'there is no such session');
      return;
    }
    conversation.usedAt = this.#clock.monotonicMs();
    if (message.kind !== 'request') {
      // Attack: one of several clients calls off what another asked, whose ids it can guess. Who ends a request of its own closes it.
      const isOfOthers = !conversation.isSession && message.kind === 'notification' && message.method === CANCELLED;
      if (!isOfOthers) void conversation.session.receive(message, subject);
      return void response.writeHead(202).end();
    }
    this.#answer(message, isModern, conversation, { response, subject });
  }

  #answer(
    message: Extract<ClientMessage, { kind: 'request' }>,
    isModern: boolean,
    conversation: Conversation,
    { response, subject }: { readonly response: ServerResponse; readonly subject: Subject },
  ): void {
    const { client, session } = conversation;
    // Several clients of one subject may count their requests alike, and name their progress alike.
    const id = isModern ? `shared-${++this.#requests}` : message.id;
    const { challenge } = subject;
    const shownToken = tokenOf(message);
    const token = shownToken === undefined ? undefined : isModern ? id : shownToken;
    if (!client.expect({ id, shownAs: message.id, token, shownToken, response, challenge })) {
      refuse(response, 400, 'two requests of one id at once', message.id);
      return;
    }
    response.once('close', () => {
      // Who has gone away hears no answer, and there is no other way to get it.
      if (!response.writableFinished) session.cancel(id);
    });
    const params = isModern && token !== undefined ? withToken(message.params, token) : message.params;
    void this.#receive({ ...message, id, params }, conversation, subject);
  }

  /** A conversation that did not begin is none: who tries again and again would fill the place of all. */
  async #receive(message: ClientMessage, conversation: Conversation, subject: Subject): Promise<void> {
    await conversation.session.receive(message, subject);
    if (!conversation.session.isOpen) await this.#end(conversation);
  }

  #listen(request: IncomingMessage, response: ServerResponse, subject: Subject): void {
    const conversation = this.#known(request, subject);
    if (conversation === undefined)
      return void response
        .writeHead(request.headers['mcp-session-id'] === undefined ? 405 : 404, { allow: 'POST' })
        .end();
    if (!conversation.client.listen(response)) refuse(response, 409, 'this session has a stream already');
  }

  #conversationFor(
    request: IncomingMessage,
    message: ClientMessage,
    subject: Subject,
  ): Conversation | 'full' | undefined {
    if (message.kind !== 'request' || message.method !== 'initialize') return this.#known(request, subject);
    return this.#start(Buffer.from(this.#random.bytes(SESSION_BYTES)).toString('base64url'), subject, true);
  }

  #known(request: IncomingMessage, subject: Subject): Conversation | undefined {
    const id = request.headers['mcp-session-id'];
    const conversation = typeof id === 'string' ? this.#conversations.get(id) : undefined;
    // Attack: a client names a conversation that others of its subject share, which it can guess, to listen to it or to end it.
    return conversation?.isSession === true && conversation.subject === subject.id ? conversation : undefined;
  }

  /** By who asks and as what client: servers may answer each otherwise. No session id is of this form. */
  #shared(message: ClientMessage, subject: Subject): Conversation | 'full' {
    const introduction = 'params' in message ? introductionIn(message.params) : undefined;
    const id = JSON.stringify([subject.id, introduction?.info ?? null, introduction?.capabilities ?? null]);
    return this.#conversations.get(id) ?? this.#start(id, subject, false);
  }

  #start(id: string, subject: Subject, isSession: boolean): Conversation | 'full' {
    if (!this.#hasRoomFor(subject)) return 'full';
    const client = new HttpClient(isSession ? { 'mcp-session-id': id } : {});
    const backend = this.#makeBackend(client, () => {
      const conversation = this.#conversations.get(id);
      if (conversation !== undefined) void session.settled().then(async () => this.#end(conversation));
    });
    const session = new ClientSession(backend, client);
    const usedAt = this.#clock.monotonicMs();
    const conversation = { id, isSession, subject: subject.id, client, session, usedAt };
    this.#conversations.set(id, conversation);
    return conversation;
  }

  /** The one of a subject that was idle longest makes room for its next: its client begins anew. */
  #hasRoomFor(subject: Subject): boolean {
    const theirs = Array.from(this.#conversations.values()).filter((one) => one.subject === subject.id);
    if (theirs.length >= MAX_PER_SUBJECT) {
      const [oldest] = theirs.filter(({ client }) => !client.isInUse).toSorted((a, b) => a.usedAt - b.usedAt);
      if (oldest === undefined) return false;
      void this.#end(oldest);
    }
    return this.#conversations.size < MAX_CONVERSATIONS;
  }

  async #end({ id, client, session }: Conversation): Promise<void> {
    this.#conversations.delete(id);
    await session.close();
    client.close();
  }

  #sweep(): void {
    const before = this.#clock.monotonicMs() - IDLE_MS;
    for (const conversation of this.#conversations.values())
      if (!conversation.client.isInUse && conversation.usedAt < before) void this.#end(conversation);
  }
}

function tokenOf({ params }: Extract<ClientMessage, { kind: 'request' }>): JsonValue | undefined {
  const meta = memberOf(params, '_meta');
  return isJsonObject(meta) ? memberOf(meta, 'progressToken') : undefined;
}

function withToken(params: JsonObject, progressToken: JsonValue): JsonObject {
  const meta = memberOf(params, '_meta');
  return { ...params, _meta: { ...(isJsonObject(meta) ? meta : {}), progressToken } };
}

/** Returns `undefined` where it is too large. @throws {Error} where the client goes away */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      // Nothing of it is kept.
      chunks.length = 0;
      resolve(undefined);
    });
    request.once('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    request.once('error', reject).once('close', () => {
      if (!request.complete) reject(new Error('the client went away'));
    });
  });
}

function refuse(response: ServerResponse, status: number, message: string, id: JsonValue = null): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32600, message: `Sealwatch: ${message}` } }));
}
