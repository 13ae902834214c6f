import { setTimeout } from 'node:timers/promises';

import { codeOf } from '../errors.js';
import { readMembers } from '../mcp/read-members.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { Subject } from '../model/access.js';
import type { Server } from '../model/server.js';
import type { Access } from '../policy/may-call.js';
import type { AnswerContext, Backend, Outcome } from './backend.js';
import { ANNOUNCED_LISTS, type Listener } from './client-end.js';
import type { Introduction } from './client-message.js';
import type { GatewayDeps } from './deps.js';
import { invalidRequest, NOT_PERMITTED, UNKNOWN_METHOD } from './errors.js';
import { namedFor } from './named-for.js';
import { toDiscovery, toGreeting } from './greeting.js';
import { definitionsOf, type List, listOf, resultOf } from './list-result.js';
import { OneServer } from './one-server.js';

/** No server id has an underscore, so the first two are the border. */
const BORDER = '__';

/** Clients wait about a minute; a server that takes longer than this is left out, and its tools follow when it answers. */
const PATIENCE_MS = 5_000;

/**
 * Several servers as one: tools and prompts are named `server__name`, addresses of resources `server+uri`. A server that cannot be
 * reached is left out, and the others are not held up by it.
 */
export class SeveralServers implements Backend {
  readonly #deps: GatewayDeps;
  readonly #servers: readonly OneServer[];
  readonly #client: Listener;
  #introduction: Introduction | undefined;

  constructor(servers: readonly Server[], deps: GatewayDeps, client: Listener) {
    this.#deps = deps;
    this.#client = client;
    this.#servers = servers.map(
      (server) =>
        new OneServer(server, deps, namedFor(server.id, client), ({ code }) => {
          deps.logger.warn(
            `gateway: the connection to ${server.id} has ended (${code}); the next request opens another`,
          );
        }),
    );
  }

  get isOpen(): boolean {
    return this.#introduction !== undefined;
  }

  async open(introduction: Introduction): Promise<void> {
    this.#introduction ??= introduction;
    // Each is opened when it is asked for something: a slow one must not hold up the greeting.
    await Promise.resolve();
  }

  /** Each server has its own rules; the gateway itself says nothing that is a secret. */
  admits(): Access {
    return { kind: 'allowed' };
  }

  async greet(asked: string | undefined, subject: Subject): Promise<string> {
    return toGreeting(await this.#introduced(subject), asked);
  }

  async discover(subject: Subject): Promise<string> {
    return toDiscovery(await this.#introduced(subject));
  }

  #openTo(subject: Subject): readonly OneServer[] {
    return this.#servers.filter((one) => one.admits(subject).kind === 'allowed');
  }

  async answer(method: string, params: JsonObject, context: AnswerContext): Promise<Outcome> {
    const list = listOf(method);
    if (list !== undefined) return await this.#list(list, context);
    if (method === 'logging/setLevel') {
      await Promise.all(
        this.#openTo(context.subject).map(async (one) => this.#quietly(one, () => one.answer(method, params, context))),
      );
      return { kind: 'result', text: '{}' };
    }
    const routed = this.#route(method, params);
    if (routed === undefined) return { kind: 'refusal', error: UNKNOWN_METHOD };
    if (routed.server === undefined)
      return { kind: 'refusal', error: invalidRequest('it names no server that is configured') };
    const access = routed.server.admits(context.subject);
    if (access.kind === 'refused') return { kind: 'refusal', error: NOT_PERMITTED, scopes: access.scopes };
    await routed.server.open(this.#introduction ?? NOBODY);
    return await routed.server.answer(method, routed.params, context);
  }

  async notify(method: string, params: JsonObject): Promise<void> {
    await Promise.all(this.#servers.map(async (one) => one.notify(method, params)));
  }

  answered(message: JsonObject): void {
    for (const one of this.#servers) one.answered(message);
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(async (one) => one.close()));
  }

  /** The gateway speaks for itself; the instructions of servers follow their names, where they are approved. */
  async #introduced(subject: Subject): Promise<Parameters<typeof toDiscovery>[0]> {
    const all = await Promise.all(
      this.#openTo(subject).map(async (one) => {
        const introduced = await this.#quietly(one, () => one.introduced());
        return introduced === undefined ? [] : [{ ...introduced, id: one.server.id }];
      }),
    );
    const texts = all
      .flat()
      .flatMap(({ id, instructions }) => (typeof instructions === 'string' ? [`${id}:\n${instructions}`] : []));
    return {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        logging: {},
        completions: {},
      },
      serverInfo: { name: 'sealwatch', version: this.#deps.version },
      instructions: texts.length === 0 ? undefined : texts.join('\n\n'),
    };
  }

  async #list(list: List, { isModern, subject }: AnswerContext): Promise<Outcome> {
    const texts = await Promise.all(
      this.#openTo(subject).map(async (one) => {
        const listed = await this.#quietly(one, () => one.listed(list, subject));
        if (listed === undefined) return [];
        const shown = definitionsOf(listed.surface, list).filter(({ refText, name }) => listed.isShown(refText, name));
        return shown.map(({ text, name }) => renamed(text, list, toPublic(one.server.id, list.kind, name)));
      }),
    );
    return { kind: 'result', text: resultOf(list, texts.flat(), isModern) };
  }

  /** What cannot be had from one server, or not soon, must not keep what the others have. */
  async #quietly<Result>(one: OneServer, action: () => Promise<Result>): Promise<Result | undefined> {
    const work = one.open(this.#introduction ?? NOBODY).then(action);
    const late = new AbortController();
    try {
      const patience = setTimeout(PATIENCE_MS, LATE, { signal: late.signal });
      const result = await Promise.race([work, patience]);
      if (result !== LATE) return result;
      this.#deps.logger.warn(`gateway: ${one.server.id} is left out until it answers`);
      this.#follow(work);
    } catch (error) {
      this.#deps.logger.warn(`gateway: ${one.server.id} is left out (${codeOf(error)})`);
    } finally {
      late.abort();
    }
    return undefined;
  }

  /** The client asks again once there is something to be had. */
  #follow(work: Promise<unknown>): void {
    const tell = (): void => {
      for (const list of ANNOUNCED_LISTS) this.#client.announce(list);
    };
    // Whoever asks next hears what is wrong.
    work.then(tell, () => undefined);
  }

  #route(method: string, params: JsonObject): Routed | undefined {
    switch (method) {
      case 'tools/call':
      case 'prompts/get':
        return this.#routedBy(params, 'name', BORDER, (name) => ({ ...params, name }));
      case 'resources/read':
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        return this.#routedBy(params, 'uri', '+', (uri) => ({ ...params, uri }));
      case 'completion/complete': {
        const ref = memberOf(params, 'ref');
        const isPrompt = stringMember(ref, 'type') === 'ref/prompt';
        const [member, border] = isPrompt ? (['name', BORDER] as const) : (['uri', '+'] as const);
        const own = isJsonObject(ref) ? ref : {};
        return this.#routedBy(ref, member, border, (name) => ({ ...params, ref: { ...own, [member]: name } }));
      }
      default:
        return undefined;
    }
  }

  #routedBy(
    value: JsonValue | undefined,
    member: string,
    border: string,
    withName: (name: string) => JsonObject,
  ): Routed {
    const name = stringMember(value, member) ?? '';
    const at = name.indexOf(border);
    const server = at <= 0 ? undefined : this.#servers.find((one) => one.server.id === name.slice(0, at));
    return { server, params: withName(name.slice(at + border.length)) };
  }
}

interface Routed {
  readonly server: OneServer | undefined;
  readonly params: JsonObject;
}

/** Stands for a result that did not come in time. */
const LATE = Symbol('late');

const NOBODY: Introduction = { info: undefined, capabilities: {} };

function toPublic(id: string, kind: List['kind'], name: string): string {
  return kind === 'tool' || kind === 'prompt' ? `${id}${BORDER}${name}` : `${id}+${name}`;
}

/** Nothing but the name is another: everything else stays as the server sent it. */
function renamed(text: string, { kind }: List, name: string): string {
  const member = kind === 'resource' ? 'uri' : kind === 'resource-template' ? 'uriTemplate' : 'name';
  const range = readMembers(text, [member])?.get(member);
  return range === undefined ? text : `${text.slice(0, range.start)}${JSON.stringify(name)}${text.slice(range.end)}`;
}
