import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

import { canonicalize } from '../integrity/canonicalize.js';
import type { Lifeline } from '../mcp/lifeline.js';
import { readMembers } from '../mcp/read-members.js';
import type { Subject } from '../model/access.js';
import type { Consent } from '../model/consent.js';
import type { Definition } from '../model/definition.js';
import type { VersionId } from '../model/fingerprint.js';
import { isJsonObject, type JsonObject, memberOf, stringMember } from '../model/json.js';
import type { Server } from '../model/server.js';
import type { Tier, TierSettings } from '../model/tier.js';
import { askConsent } from '../monitor/consent.js';
import { tierOf } from '../policy/tier-of.js';
import { hidesUnannounced, redactParameters } from '../render/redact-parameters.js';
import type { Called } from './called.js';
import {
  consentNeeded,
  consentRefused,
  consentStale,
  hiddenFromConsent,
  tooLargeForConsent,
  tooManyConsents,
} from './consent-errors.js';
import type { GatewayDeps } from './deps.js';
import { CONSENT_KEY, type ElicitUrl, responseOf, type UrlQuestion, urlRequest } from './elicit-url.js';
import type { GatewayError } from './errors.js';

/** The call of a tool that passes everything else. */
export interface ToolCall {
  readonly called: Extract<Called, { kind: 'tool' }>;
  readonly params: JsonObject;
  /** As it is approved; `undefined` where it is not. */
  readonly definition: Definition | undefined;
  readonly subject: Subject;
  readonly client: string | undefined;
  readonly isModern: boolean;
  readonly life: Lifeline;
}

/** Whether a call may be made. */
export type Admission =
  /** `consent` is what a person allowed; it is to be used up when the call is made. */
  | { readonly kind: 'admitted'; readonly consent: Consent | undefined }
  | { readonly kind: 'refused'; readonly error: GatewayError }
  /** The client is to ask its user, and to come again; the text is that of a result. */
  | { readonly kind: 'asks'; readonly text: string; readonly error: GatewayError };

/** A person needs more than a quarter of a second. */
const POLL_MS = 250;

/** A client of 2026-07-28 that comes again waits a minute for the answer to that. */
const MODERN_PATIENCE_MS = 45_000;

/** What nobody can read nobody can allow. */
const MAX_SHOWN_LENGTH = 32 * 1024;

/** A working day; the session may last for weeks. */
const SESSION_MS = 12 * 60 * 60_000;

/** Several rounds of one call, which asks the user something itself. */
const MAX_ROUNDS = 100;

const SESSION_BYTES = 16;

/**
 * Asks a person before a tool is called that may do harm: for tools that only write once in a session, for dangerous ones each time.
 *
 * The answer is given on a page, by somebody who is signed in there; nothing that comes over MCP is one.
 */
export class Consents {
  readonly #server: Server;
  readonly #tiers: TierSettings;
  readonly #deps: GatewayDeps;
  readonly #elicit: ElicitUrl;
  readonly #session: string;
  /** By tool and version, until when (monotonic) it is free in this session. */
  readonly #free = new Map<string, number>();
  readonly #rounds = new Set<string>();

  constructor(server: Server, tiers: TierSettings, deps: GatewayDeps, elicit: ElicitUrl) {
    this.#server = server;
    this.#tiers = tiers;
    this.#deps = deps;
    this.#elicit = elicit;
    this.#session = Buffer.from(deps.random.bytes(SESSION_BYTES)).toString('base64url');
  }

  /** @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`: the call may not be made. */
  async admit(call: ToolCall): Promise<Admission> {
    const { called, definition, params } = call;
    const tier = tierOf(called.name, memberOf(definition?.value, 'annotations'), this.#tiers);
    const isFree =
      tier === 'read' ||
      (tier === 'write' && this.#isFree(called.name, definition?.version)) ||
      this.#rounds.delete(roundOf(params));
    return isFree ? { kind: 'admitted', consent: undefined } : await this.#ask(call, tier);
  }

  /** Uses an answer up. Returns whether it still counted. @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN` */
  async use(consent: Consent): Promise<boolean> {
    const { clock, store } = this.#deps;
    const { covers, tool, version } = consent;
    // Another call of the session may have used it for all of them.
    if (!(await store.useConsent(consent.id, clock.now().toISOString()))) return this.#isFree(tool, version);
    if (covers === 'session') this.#free.set(keyOf(tool, version), clock.monotonicMs() + SESSION_MS);
    return true;
  }

  /** A call that asks the user something itself goes on with the next request: MCP 2026-07-28, Multi Round-Trip Requests. */
  answered(params: JsonObject, result: string): void {
    if (readMembers(result, ['requestState'])?.has('requestState') !== true) return;
    const { resultType, requestState } = JSON.parse(result) as Readonly<Record<string, unknown>>;
    if (resultType !== 'input_required' || typeof requestState !== 'string') return;
    if (this.#rounds.size >= MAX_ROUNDS) this.#rounds.clear();
    this.#rounds.add(roundOf({ ...params, requestState }));
  }

  #isFree(tool: string, version: VersionId | undefined): boolean {
    const until = this.#free.get(keyOf(tool, version));
    return until !== undefined && this.#deps.clock.monotonicMs() < until;
  }

  async #ask(call: ToolCall, tier: Exclude<Tier, 'read'>): Promise<Admission> {
    const { called, definition, params, subject, client } = call;
    const parameters = redactParameters(called.arguments, this.#deps.redact);
    if (parameters.length > MAX_SHOWN_LENGTH) return { kind: 'refused', error: tooLargeForConsent(MAX_SHOWN_LENGTH) };
    if (hidesUnannounced(called.arguments, this.#deps.redact, memberOf(definition?.value, 'inputSchema')))
      return { kind: 'refused', error: hiddenFromConsent() };
    const question = {
      server: this.#server.id,
      tool: called.name,
      version: definition?.version,
      covers: tier === 'write' ? ('session' as const) : ('call' as const),
      session: this.#session,
      subject: subject.id,
      person: subject.person,
      client,
      parameters,
    };
    const consent = await askConsent(question, exactly(params), this.#deps);
    if (consent === undefined) return { kind: 'refused', error: tooManyConsents() };
    return consent.state === 'waiting' ? await this.#wait(consent, call) : this.#concluded(consent);
  }

  #concluded(consent: Consent): Admission {
    switch (consent.state) {
      case 'given':
        return { kind: 'admitted', consent };
      case 'refused':
        return { kind: 'refused', error: consentRefused() };
      case 'used':
        return { kind: 'refused', error: consentStale() };
      case 'waiting':
        return { kind: 'refused', error: this.#needed(consent) };
    }
  }

  #needed({ id, covers }: Consent): GatewayError {
    return consentNeeded(this.#deps.consentUrl(id), covers);
  }

  async #wait(consent: Consent, call: ToolCall): Promise<Admission> {
    if (!this.#elicit.isSupported) return { kind: 'refused', error: this.#needed(consent) };
    const question = {
      url: this.#deps.consentUrl(consent.id),
      server: this.#server.id,
      tool: call.called.name,
    };
    return call.isModern ? await this.#inRounds(consent, call, question) : await this.#atOnce(consent, call, question);
  }

  /** MCP 2025-11-25: the client is asked while it waits for the answer to its call. */
  async #atOnce(consent: Consent, { life }: ToolCall, question: UrlQuestion): Promise<Admission> {
    const over = new AbortController();
    void this.#elicit.ask(question, consent.id).then((answer) => {
      // Accepted is to open the page. What is decided there is another matter.
      if (answer !== 'accept') over.abort();
    });
    const decided = await this.#decided(consent, () => life.reason !== undefined || over.signal.aborted);
    if (decided.state !== 'waiting') this.#elicit.complete(consent.id);
    return this.#concluded(decided);
  }

  /** MCP 2026-07-28: the client is sent to its user, and comes again with the same call. */
  async #inRounds(consent: Consent, { params, life }: ToolCall, question: UrlQuestion): Promise<Admission> {
    const response = responseOf(params);
    if (response === undefined) {
      const inputRequests = { [CONSENT_KEY]: { method: 'elicitation/create', params: urlRequest(question) } };
      const text = JSON.stringify({ resultType: 'input_required', inputRequests });
      return { kind: 'asks', text, error: this.#needed(consent) };
    }
    const { clock } = this.#deps;
    const until = clock.monotonicMs() + (response === 'accept' ? MODERN_PATIENCE_MS : 0);
    return this.#concluded(
      await this.#decided(consent, () => life.reason !== undefined || clock.monotonicMs() >= until),
    );
  }

  /** Waits for the person on the page, until nobody waits any more or the question has expired. */
  async #decided(consent: Consent, isOver: () => boolean): Promise<Consent> {
    for (;;) {
      const now = (await this.#deps.store.findConsent(consent.id)) ?? consent;
      const isExpired = this.#deps.clock.now().toISOString() >= consent.expiresAt;
      if (now.state !== 'waiting' || isExpired || isOver()) return now;
      await setTimeout(POLL_MS);
    }
  }
}

/** Returns the parameters of a call as the server gets them: without the answer to our own question. */
export function withoutAnswer(params: JsonObject): JsonObject {
  const responses = memberOf(params, 'inputResponses');
  if (!isJsonObject(responses) || !Object.hasOwn(responses, CONSENT_KEY)) return params;
  const others = without(responses, [CONSENT_KEY]);
  const rest = without(params, ['inputResponses']);
  return Object.keys(others).length === 0 ? rest : { ...rest, inputResponses: others };
}

function keyOf(tool: string, version: VersionId | undefined): string {
  return JSON.stringify([tool, version ?? null]);
}

/** All that the server gets of a call, but what is another in every request. */
function exactly(params: JsonObject): string {
  return canonicalize(without(params, ['_meta', 'inputResponses', 'requestState']));
}

function without(value: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !members.includes(name)));
}

function roundOf(params: JsonObject): string {
  const state = stringMember(params, 'requestState');
  return state === undefined
    ? ''
    : createHash('sha256')
        .update(JSON.stringify([exactly(params), state]))
        .digest('hex');
}
