import type { SealwatchError } from '../errors.js';
import { compileSchema } from '../integrity/json-schema/compiled-schema.js';
import { satisfies } from '../integrity/json-schema/satisfies.js';
import { parseJson } from '../integrity/parse-json.js';
import type { Upstream } from '../mcp/open-upstream.js';
import type { RpcError } from '../mcp/read-message.js';
import type { Answer, Peer } from '../mcp/session.js';
import type { Subject } from '../model/access.js';
import type { Definition } from '../model/definition.js';
import { type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { GatewayMode, Server } from '../model/server.js';
import { mayCall } from '../policy/may-call.js';
import type { OutputKind } from '../scan/apply-output-mode.js';
import type { AnswerContext, Backend, Outcome } from './backend.js';
import { type Called, calledBy } from './called.js';
import { checkAnswer, checkError } from './check-answer.js';
import { ANNOUNCED_LISTS, type Listener } from './client-end.js';
import type { Introduction } from './client-message.js';
import type { GatewayDeps } from './deps.js';
import { attributesOf, clientNameOf, describeCall, type Judged } from './describe-call.js';
import {
  codeIn,
  invalidArguments,
  invalidRequest,
  notApproved,
  NOT_PERMITTED,
  REFUSED_BY_SERVER,
  tookTooLong,
  tooManyCalls,
  UNKNOWN_METHOD,
} from './errors.js';
import { Guard, type Surface } from './guard.js';
import { type Introduced, introducedBy, toDiscovery, toGreeting } from './greeting.js';
import { type List, listOf, listResult } from './list-result.js';
import { type Passed, recordCall } from './record-call.js';
import { ServerRequests } from './server-requests.js';

/** Requests that have effects on nothing but the conversation. */
const HARMLESS = ['logging/setLevel'];

/** What a server needs to know before it lists anything; a question without words of its own. */
const ROOTS = 'roots/list';

const MAX_NOTIFICATION_DEPTH = 128;

/** A server has hundreds of tools at most, and each of them few versions while a client is there. */
const MAX_SCHEMAS = 1_000;

interface Opened {
  readonly upstream: Upstream;
  readonly guard: Guard;
}

/** One server on behalf of one client, who hears only what is approved. */
export class OneServer implements Backend {
  readonly server: Server;
  readonly #deps: GatewayDeps;
  readonly #client: Listener;
  readonly #onEnded: (reason: SealwatchError) => void;
  readonly #mode: GatewayMode;
  readonly #stop = new AbortController();
  readonly #progress = new Set<JsonValue>();
  /** Requests that were let through and are not answered yet. */
  #passed = 0;
  readonly #serverRequests: ServerRequests;
  readonly #schemas = new Map<string, ReturnType<typeof compileSchema>>();
  #opened: Promise<Opened> | undefined;
  #clientName: string | undefined;

  /** `onEnded` is called when the connection to the server has ended by itself. */
  constructor(
    server: Server,
    deps: GatewayDeps,
    client: Listener,
    onEnded: (reason: SealwatchError) => void,
  ) {
    this.server = server;
    this.#deps = deps;
    this.#client = client;
    this.#onEnded = onEnded;
    this.#mode = server.gateway.mode;
    this.#serverRequests = new ServerRequests(client);
  }

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  async open(introduction: Introduction): Promise<void> {
    this.#opened ??= this.#connect(introduction);
    await this.#ready();
  }

  async greet(asked: string | undefined): Promise<string> {
    return toGreeting(await this.introduced(), asked);
  }

  async discover(): Promise<string> {
    return toDiscovery(await this.introduced());
  }

  /** Returns what may be said of the server. */
  async introduced(): Promise<Introduced> {
    const { upstream, guard } = await this.#ready();
    return await introducedBy(upstream, guard, this.server.id, this.#mode);
  }

  /** Returns what the server lists now, or where `isFresh` is not asked for listed within the minute, and which of it is shown. */
  async listed(
    { kind }: List,
    subject: Subject,
    options: { readonly isFresh?: true } = {},
  ): Promise<{ readonly surface: Surface; readonly isShown: (refText: string, name: string) => boolean }> {
    const { guard } = await this.#ready();
    const surface = await guard.surface(options);
    const mayUse = (name: string): boolean =>
      mayCall(subject, this.server.id, kind === 'tool' || kind === 'prompt' ? name : undefined);
    const isAllowed = (refText: string): boolean =>
      this.#mode === 'observe' || surface.verdicts.get(refText) === 'allow';
    return { surface, isShown: (refText, name) => mayUse(name) && isAllowed(refText) };
  }

  async answer(method: string, params: JsonObject, context: AnswerContext): Promise<Outcome> {
    const list = listOf(method);
    if (list !== undefined) return await this.#list(list, context);
    const { upstream, guard } = await this.#ready();
    if (HARMLESS.includes(method)) return await this.#tell(method, params, upstream, context.signal);
    const called = calledBy(method, params);
    if (called === undefined) return { kind: 'refusal', error: UNKNOWN_METHOD };
    const judged = await this.#judge(called, guard, context.subject);
    const { calls, clock, telemetry } = this.#deps;
    const call = { ...this.#counted(called, judged), subject: context.subject.id };
    const entry = calls.enter(call, this.server.gateway.calls, clock.monotonicMs());
    if (entry.kind === 'full') return { kind: 'refusal', error: tooManyCalls(entry) };
    try {
      const caller = { subject: context.subject, client: this.#clientName };
      const asked = describeCall(called, params, judged, { ...this.#deps, ...caller, server: this.server.id });
      return await telemetry.span(`${method} ${asked.name}`, attributesOf(method, asked), async (set) => {
        const outcome = await recordCall(asked, this.#deps, context.signal, async () =>
          judged.refusal === undefined
            ? await this.#made(method, params, judged.definition, context.signal)
            : { outcome: { kind: 'refusal', error: judged.refusal }, sent: undefined },
        );
        if (outcome.kind === 'refusal') set('error.type', codeIn(outcome.error) ?? String(outcome.error.code));
        return outcome;
      });
    } finally {
      entry.leave();
    }
  }

  /**
   * What is refused takes no room of what is not, and has the same limits for itself, so that nobody fills the log with it. Its names are the
   * caller's own: they are counted as one.
   */
  #counted(called: Called, { refusal }: Judged): { readonly server: string; readonly target: string } {
    return refusal === undefined
      ? { server: this.server.id, target: targetOf(called) }
      : { server: `${this.server.id} refused`, target: 'refused' };
  }

  async #made(
    method: string,
    params: JsonObject,
    definition: Definition | undefined,
    signal: AbortSignal,
  ): Promise<Passed> {
    const { upstream } = await this.#ready();
    return await this.#inTime(signal, async (within) => {
      const answer = await this.#pass(method, params, upstream, within);
      return answer.kind === 'result'
        ? { outcome: await this.#checked(method, answer.text, definition), sent: answer }
        : { outcome: await this.#failed(answer.error), sent: { kind: 'error', text: JSON.stringify(answer.error) } };
    });
  }

  /** A call that takes too long is called off at the server too. */
  async #inTime(signal: AbortSignal, action: (signal: AbortSignal) => Promise<Passed>): Promise<Passed> {
    const { timeoutMs } = this.server.gateway.calls;
    const abort = new AbortController();
    const onAbort = (): void => {
      abort.abort();
    };
    const timer = setTimeout(() => {
      abort.abort(LATE);
    }, timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await action(abort.signal);
    } catch (error) {
      if (abort.signal.reason === LATE)
        return { outcome: { kind: 'refusal', error: tookTooLong(timeoutMs) }, sent: undefined };
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Whatever the server answers, the client hears whether it took it, and no word of its own: it may be one that nobody approved. */
  async #tell(method: string, params: JsonObject, upstream: Upstream, signal: AbortSignal): Promise<Outcome> {
    const { kind } = await upstream.request(method, params, signal);
    return kind === 'result' ? { kind, text: '{}' } : { kind: 'refusal', error: REFUSED_BY_SERVER };
  }

  async #failed(error: RpcError): Promise<Outcome> {
    const rules = { checker: this.#deps.outputs, mode: this.server.gateway.outputs };
    return { kind: 'refusal', error: await checkError(error, rules) };
  }

  async #pass(method: string, params: JsonObject, upstream: Upstream, signal: AbortSignal): Promise<Answer> {
    const token = memberOf(memberOf(params, '_meta'), 'progressToken');
    if (token !== undefined) this.#progress.add(token);
    this.#passed += 1;
    try {
      return await upstream.request(method, params, signal);
    } finally {
      this.#passed -= 1;
      if (token !== undefined) this.#progress.delete(token);
    }
  }

  async notify(method: string, params: JsonObject): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    // Nobody waits for what becomes of a notification.
    await opened?.upstream.notify(method, params).catch(() => undefined);
  }

  answered(message: JsonObject): void {
    this.#serverRequests.answered(message);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#serverRequests.close();
    const opened = await this.#opened?.catch(() => undefined);
    opened?.guard.close();
    await opened?.upstream.close();
  }

  async #list(list: List, { isModern, subject }: AnswerContext): Promise<Outcome> {
    const { surface, isShown } = await this.listed(list, subject, { isFresh: true });
    return { kind: 'result', text: listResult(surface, list, isShown, isModern) };
  }

  /**
   * What tools, resources and prompts return is data of the moment, which nobody approves: it is read every time, and held to the
   * definition that the call was held to, whatever the server has listed since.
   */
  async #checked(method: string, text: string, definition: Definition | undefined): Promise<Outcome> {
    const { outputs: mode } = this.server.gateway;
    if (this.#mode === 'observe') return { kind: 'result', text };
    const schema = definition?.ref.kind === 'tool' ? memberOf(definition.value, 'outputSchema') : undefined;
    return await checkAnswer(text, { checker: this.#deps.outputs, mode, schema, kind: KINDS[method] ?? 'completion' });
  }

  async #judge(called: Called, guard: Guard, subject: Subject): Promise<Judged> {
    const name = called.kind === 'tool' || called.kind === 'prompt' ? called.name : undefined;
    if (!mayCall(subject, this.server.id, name)) return { refusal: NOT_PERMITTED, definition: undefined };
    if (this.#mode === 'enforce') return await this.#judgeCall(called, guard);
    // Where everything passes, it does so too when nobody can tell what it is.
    const permission = called.kind === 'malformed' ? undefined : await guard.permitCall(called).catch(() => undefined);
    return { refusal: undefined, definition: permission?.kind === 'allowed' ? permission.definition : undefined };
  }

  async #judgeCall(called: Called, guard: Guard): Promise<Judged> {
    if (called.kind === 'malformed')
      return { refusal: invalidRequest('it does not name what it is about'), definition: undefined };
    const permission = await guard.permitCall(called);
    if (permission.kind === 'refused')
      return { refusal: notApproved(permission, this.#deps.requestUrl), definition: undefined };
    const { definition } = permission;
    const answer = called.kind === 'tool' ? satisfies(this.#schemaOf(definition), called.arguments) : VALID;
    return { refusal: answer.kind === 'valid' ? undefined : invalidArguments(answer), definition };
  }

  /** Compiled once for each version: what is approved changes seldom, and is called often. */
  #schemaOf({ version, value }: Definition): ReturnType<typeof compileSchema> {
    const known = this.#schemas.get(version) ?? compileSchema(memberOf(value, 'inputSchema') ?? true);
    if (this.#schemas.size >= MAX_SCHEMAS) this.#schemas.clear();
    this.#schemas.set(version, known);
    return known;
  }

  async #ready(): Promise<Opened> {
    if (this.#opened === undefined) throw new Error('a backend is opened first');
    try {
      return await this.#opened;
    } catch (error) {
      // The next request tries again: a server may be slow to start.
      this.#opened = undefined;
      throw error;
    }
  }

  async #connect({ info, capabilities }: Introduction): Promise<Opened> {
    this.#clientName = clientNameOf(info);
    const client = {
      name: stringMember(info, 'name') ?? 'sealwatch',
      version: stringMember(info, 'version') ?? this.#deps.version,
    };
    const upstream = await this.#deps.openUpstream(this.server, { client, capabilities }, this.#stop.signal);
    const guard = new Guard(this.server, upstream, this.#deps, () => {
      this.#announce(upstream);
    });
    upstream.relayTo(this.#peer(capabilities, guard));
    void upstream.closed.then((reason) => {
      guard.close();
      this.#opened = undefined;
      if (!this.#stop.signal.aborted) this.#onEnded(reason);
    });
    return { upstream, guard };
  }

  /** What the server asks and tells of its own accord: only what a client expects, and only while it expects it. */
  #peer(capabilities: JsonObject, guard: Guard): Peer {
    return {
      request: async (method, text) =>
        method === ROOTS || this.#maySpeak(guard)
          ? await this.#serverRequests.ask(method, text, capabilities)
          : undefined,
      notification: (method, text) => {
        if (this.#maySpeak(guard)) this.#notified(method, text);
      },
    };
  }

  /** Attack: a server of which nobody approved anything writes to the model all the same, by asking it or in its log. */
  #maySpeak({ isServerApproved }: Guard): boolean {
    return this.#mode === 'observe' || this.#passed > 0 || isServerApproved;
  }

  /** Written anew, so that the client reads the message that was read here, and nothing beside it. */
  #notified(method: string, text: string): void {
    const isProgress = method === 'notifications/progress';
    if (!isProgress && !PASSED_ON.includes(method)) return;
    const { value, flaws } = parseJson(text, { maxDepth: MAX_NOTIFICATION_DEPTH });
    if (flaws.length > 0) return;
    const params = memberOf(value, 'params');
    const message = JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
    const token = isProgress ? memberOf(params, 'progressToken') : undefined;
    if (!isProgress) this.#client.send(message);
    else if (token !== undefined && this.#progress.has(token)) this.#client.send(message, token);
  }

  /** Whatever the server announced, the client hears of it when what it may use has changed. */
  #announce({ capabilities }: Upstream): void {
    for (const list of ANNOUNCED_LISTS) if (memberOf(capabilities, list) !== undefined) this.#client.announce(list);
  }
}

const VALID = { kind: 'valid' } as const;

/** Why a call was called off. */
const LATE = Symbol('late');

/** Nothing that is malformed is called where anything is enforced; elsewhere all of it counts as one. */
function targetOf(called: Called): string {
  return called.kind === 'malformed' ? called.kind : `${called.kind} ${called.name}`;
}

/** What is asked for by what method; anything else completes what a person types. */
const KINDS: Readonly<Record<string, OutputKind>> = {
  'tools/call': 'tool',
  'prompts/get': 'prompt',
  'resources/read': 'resource',
};

/** List changes are not among them: the client is told when what it may use changes. */
const PASSED_ON = ['notifications/message', 'notifications/resources/updated', 'notifications/elicitation/complete'];
