import type { SealwatchError } from '../errors.js';
import { satisfies } from '../integrity/json-schema/satisfies.js';
import type { Lifeline } from '../mcp/lifeline.js';
import type { Upstream } from '../mcp/open-upstream.js';
import type { RpcError } from '../mcp/read-message.js';
import type { Subject } from '../model/access.js';
import { type JsonObject, memberOf, stringMember } from '../model/json.js';
import type { GatewayMode, Server } from '../model/server.js';
import { type Access, mayCall, mayEnter, maySee, type Use } from '../policy/may-call.js';
import type { OutputKind } from '../scan/apply-output-mode.js';
import type { AnswerContext, Backend, Outcome } from './backend.js';
import { CallsInFlight } from './calls-in-flight.js';
import { type Called, calledBy } from './called.js';
import { checkAnswer, checkError } from './check-answer.js';
import { ANNOUNCED_LISTS, type Listener } from './client-end.js';
import type { Introduction } from './client-message.js';
import { consentStale } from './consent-errors.js';
import { Consents, withoutAnswer } from './consents.js';
import { DefinitionSchemas } from './definition-schemas.js';
import type { GatewayDeps } from './deps.js';
import { attributesOf, clientNameOf, describeCall, type Judged } from './describe-call.js';
import { elicitUrl } from './elicit-url.js';
import {
  codeIn,
  heldMeanwhile,
  invalidArguments,
  invalidRequest,
  notApproved,
  requestTooLarge,
  resultTooLarge,
  NOT_PERMITTED,
  REFUSED_BY_SERVER,
  tooManyCalls,
  UNKNOWN_METHOD,
} from './errors.js';
import { Guard, type Surface } from './guard.js';
import { type Introduced, introducedBy, toDiscovery, toGreeting } from './greeting.js';
import { inTime } from './in-time.js';
import { type List, listOf, listResult } from './list-result.js';
import { type Passed, recordCall } from './record-call.js';
import { ServerRequests } from './server-requests.js';
import { ServerVoice } from './server-voice.js';
import { takeQuota } from './take-quota.js';

/** Requests that have effects on nothing but the conversation. */
const HARMLESS = ['logging/setLevel'];

/** A call that passed, and what it is held to. */
interface CallToMake {
  readonly called: Called;
  readonly judged: Judged;
  readonly life: Lifeline;
}

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
  readonly #serverRequests: ServerRequests;
  readonly #voice: ServerVoice;
  readonly #inFlight = new CallsInFlight();
  readonly #schemas = new DefinitionSchemas();
  #opened: Promise<Opened> | undefined;
  #clientName: string | undefined;
  #capabilities: JsonObject = {};
  /** `undefined` where nobody is asked before a call. */
  readonly #consents: Consents | undefined;

  /** `onEnded` is called when the connection to the server has ended by itself. */
  constructor(server: Server, deps: GatewayDeps, client: Listener, onEnded: (reason: SealwatchError) => void) {
    this.server = server;
    this.#deps = deps;
    this.#client = client;
    this.#onEnded = onEnded;
    this.#mode = server.gateway.mode;
    this.#serverRequests = new ServerRequests(client);
    this.#voice = new ServerVoice(server, deps, client, this.#serverRequests);
    const elicit = elicitUrl(() => this.#capabilities, this.#serverRequests, client);
    const { tiers } = server.gateway;
    this.#consents = tiers && this.#mode !== 'observe' ? new Consents(server, tiers, deps, elicit) : undefined;
  }

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  async open(introduction: Introduction): Promise<void> {
    this.#opened ??= this.#connect(introduction);
    await this.#ready();
  }

  admits(subject: Subject): Access {
    return mayEnter(subject, this.server.id);
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
      maySee(subject, this.server.id, kind === 'tool' || kind === 'prompt' ? name : undefined);
    const isAllowed = (refText: string): boolean =>
      this.#mode === 'observe' || surface.verdicts.get(refText) === 'allow';
    return { surface, isShown: (refText, name) => mayUse(name) && isAllowed(refText) };
  }

  async answer(method: string, params: JsonObject, context: AnswerContext): Promise<Outcome> {
    const list = listOf(method);
    if (list !== undefined) return await this.#list(list, context);
    const { upstream, guard } = await this.#ready();
    if (HARMLESS.includes(method)) return await this.#tell(method, params, upstream, context.life);
    const called = calledBy(method, params);
    if (called === undefined) return { kind: 'refusal', error: UNKNOWN_METHOD };
    const { maxRequestBytes } = this.server.gateway.calls;
    if (context.bytes > maxRequestBytes) return { kind: 'refusal', error: requestTooLarge(maxRequestBytes) };
    const judged = await this.#admit(params, called, guard, context);
    const { calls, clock, telemetry } = this.#deps;
    const { subject, life } = context;
    const { server, target } = this.#counted(called, judged);
    const entry = calls.enter({ server, target, subject: subject.id }, this.server.gateway.calls, clock.monotonicMs());
    if (entry.kind === 'full') return { kind: 'refusal', error: tooManyCalls(entry) };
    try {
      const quota = judged.refusal === undefined ? await this.#takeQuota(judged, subject) : undefined;
      if (quota !== undefined) return { kind: 'refusal', error: tooManyCalls(quota) };
      const about = { server: this.server.id, subject, client: this.#clientName, deps: this.#deps };
      const asked = describeCall(called, params, judged, about);
      return await telemetry.span(`${method} ${asked.name}`, attributesOf(method, asked), async (set) => {
        const outcome = await recordCall(asked, this.#deps, life, async () =>
          judged.refusal === undefined
            ? await this.#made(method, withoutAnswer(params), { called, judged, life })
            : { outcome: judged.instead ?? { kind: 'refusal', error: judged.refusal }, sent: undefined },
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

  /** By definition: addresses of one template, and names that nobody approved, are the caller's own. */
  async #takeQuota({ definition }: Judged, { id }: Subject): ReturnType<typeof takeQuota> {
    const call = { server: this.server.id, subject: id, target: definition?.refText ?? '' };
    return await takeQuota(call, this.server, this.#deps);
  }

  async #made(method: string, params: JsonObject, call: CallToMake): Promise<Passed> {
    const { upstream, guard } = await this.#ready();
    const { timeoutMs } = this.server.gateway.calls;
    return await this.#inFlight.run(call.called, { life: call.life, timeoutMs }, async (within) => {
      const answer = await this.#voice.during(params, async () => await upstream.request(method, params, within));
      const { maxResultBytes } = this.server.gateway.calls;
      if (answer.kind === 'result' && answer.bytes > maxResultBytes)
        return { outcome: { kind: 'refusal', error: resultTooLarge(maxResultBytes) }, sent: answer };
      if (answer.kind === 'result') this.#consents?.answered(params, answer.text);
      return answer.kind === 'result'
        ? { outcome: await this.#checked(method, answer.text, call, guard), sent: answer }
        : { outcome: await this.#failed(answer.error), sent: { kind: 'error', text: JSON.stringify(answer.error) } };
    });
  }

  /** Whatever the server answers, the client hears whether it took it, and no word of its own: it may be one that nobody approved. */
  async #tell(method: string, params: JsonObject, upstream: Upstream, life: Lifeline): Promise<Outcome> {
    const { outcome } = await inTime(life, this.server.gateway.calls.timeoutMs, async (within) => {
      const { kind } = await upstream.request(method, params, within);
      const heard: Outcome = kind === 'result' ? { kind, text: '{}' } : { kind: 'refusal', error: REFUSED_BY_SERVER };
      return { outcome: heard, sent: undefined };
    });
    return outcome;
  }

  async #failed(error: RpcError): Promise<Outcome> {
    const rules = { checker: this.#deps.outputs, mode: this.server.gateway.outputs };
    return { kind: 'refusal', error: await checkError(error, rules) };
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
  async #checked(method: string, text: string, { called, judged }: CallToMake, guard: Guard): Promise<Outcome> {
    const { outputs: mode } = this.server.gateway;
    if (this.#mode === 'observe') return { kind: 'result', text };
    if (this.#callsOff && (await this.#isHeld(called, guard))) return { kind: 'refusal', error: heldMeanwhile() };
    const { definition } = judged;
    const schema = definition?.ref.kind === 'tool' ? this.#schemas.output(definition) : undefined;
    return await checkAnswer(text, { checker: this.#deps.outputs, mode, schema, kind: KINDS[method] ?? 'completion' });
  }

  /** Whether calls that are under way are called off when what they call gets held; elsewhere they are finished. */
  get #callsOff(): boolean {
    return this.#mode === 'enforce' && this.server.gateway.inFlight === 'cancel';
  }

  async #isHeld(called: Called, guard: Guard): Promise<boolean> {
    return called.kind === 'malformed' || (await guard.permitCall(called)).kind === 'refused';
  }

  /** Judges a call, and asks a person about it where that is wanted; what was decided meanwhile counts. */
  async #admit(params: JsonObject, called: Called, guard: Guard, context: AnswerContext): Promise<Judged> {
    const judged = await this.#judge(called, guard, context.subject);
    if (this.#consents === undefined || called.kind !== 'tool' || judged.refusal !== undefined) return judged;
    const { definition } = judged;
    const call = { ...context, called, params, definition, client: this.#clientName };
    const admission = await this.#consents.admit(call);
    if (admission.kind === 'refused') return { refusal: admission.error, definition };
    if (admission.kind === 'asks')
      return { refusal: admission.error, definition, instead: { kind: 'result', text: admission.text } };
    if (admission.consent === undefined) return judged;
    const again = await this.#judge(called, guard, context.subject);
    const isSame = again.definition?.version === definition?.version;
    if (again.refusal !== undefined) return again;
    return isSame && (await this.#consents.use(admission.consent)) ? again : { refusal: consentStale(), definition };
  }

  async #judge(called: Called, guard: Guard, subject: Subject): Promise<Judged> {
    const access = mayCall(subject, { server: this.server.id, ...useOf(called) });
    if (access.kind === 'refused') {
      const instead: Outcome = { kind: 'refusal', error: NOT_PERMITTED, scopes: access.scopes };
      return { refusal: NOT_PERMITTED, definition: undefined, instead };
    }
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
    const answer = called.kind === 'tool' ? satisfies(this.#schemas.input(definition), called.arguments) : VALID;
    return { refusal: answer.kind === 'valid' ? undefined : invalidArguments(answer), definition };
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
    this.#capabilities = capabilities;
    const client = {
      name: stringMember(info, 'name') ?? 'sealwatch',
      version: stringMember(info, 'version') ?? this.#deps.version,
    };
    const upstream = await this.#deps.openUpstream(this.server, { client, capabilities }, this.#stop.signal);
    const guard = new Guard(this.server, upstream, this.#deps, () => {
      this.#announce(upstream);
      if (this.#callsOff) void this.#inFlight.callOffWhere(async (called) => await this.#isHeld(called, guard));
    });
    upstream.relayTo(this.#voice.peer(capabilities, () => guard.isServerApproved));
    void upstream.closed.then((reason) => {
      guard.close();
      this.#opened = undefined;
      if (!this.#stop.signal.aborted) this.#onEnded(reason);
    });
    return { upstream, guard };
  }

  /** Whatever the server announced, the client hears of it when what it may use has changed. */
  #announce({ capabilities }: Upstream): void {
    for (const list of ANNOUNCED_LISTS) if (memberOf(capabilities, list) !== undefined) this.#client.announce(list);
  }
}

const VALID = { kind: 'valid' } as const;

/** Nothing that is malformed is called where anything is enforced; elsewhere all of it counts as one. */
function targetOf(called: Called): string {
  return called.kind === 'malformed' ? called.kind : `${called.kind} ${called.name}`;
}

/** Resources are allowed together, whichever it is. */
function useOf(called: Called): Pick<Use, 'name' | 'arguments'> {
  return called.kind === 'tool' || called.kind === 'prompt' ? called : { name: undefined, arguments: undefined };
}

/** What is asked for by what method; anything else completes what a person types. */
const KINDS: Readonly<Record<string, OutputKind>> = {
  'tools/call': 'tool',
  'prompts/get': 'prompt',
  'resources/read': 'resource',
};
