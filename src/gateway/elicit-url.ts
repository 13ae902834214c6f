import { type JsonObject, memberOf, stringMember } from '../model/json.js';
import { quote } from '../quote.js';
import type { ClientEnd } from './client-end.js';
import type { ServerRequests } from './server-requests.js';

/** Names our question among those that a client of 2026-07-28 answers with its next request. */
export const CONSENT_KEY = 'sealwatch-consent';

/** A page that somebody is asked to open, and what it is about. */
export interface UrlQuestion {
  readonly url: string;
  readonly server: string;
  readonly tool: string;
}

/** Asks the user of a client to open a page. */
export interface ElicitUrl {
  /** Whether the client said that it can. */
  readonly isSupported: boolean;
  /** Asks, in the manner of 2025-11-25. Returns what the client says: `accept`, `decline`, `cancel`; `undefined` where it cannot be asked. */
  ask(question: UrlQuestion, id: string): Promise<string | undefined>;
  /** Tells the client that the page was dealt with. */
  complete(id: string): void;
}

/** Returns what asks the user of a client with these capabilities. */
export function elicitUrl(
  capabilities: () => JsonObject,
  requests: ServerRequests,
  client: Pick<ClientEnd, 'send'>,
): ElicitUrl {
  return {
    // MCP 2025-11-25, Elicitation: without a mode it is forms alone.
    get isSupported() {
      return memberOf(memberOf(capabilities(), 'elicitation'), 'url') !== undefined;
    },
    ask: async (question, id) => {
      const answer = await requests.send('elicitation/create', { ...urlRequest(question), elicitationId: id });
      return stringMember(memberOf(answer, 'result'), 'action');
    },
    complete: (elicitationId) => {
      const params = { elicitationId };
      client.send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/elicitation/complete', params }));
    },
  };
}

/** Returns the parameters of `elicitation/create`. What the server wrote is not in them, but for the name that is called. */
export function urlRequest({ url, server, tool }: UrlQuestion): JsonObject {
  const message = `Sealwatch asks you before ${quote(tool, 80)} of ${server} is called. Open the page, read what it is called with, and decide there.`;
  return { mode: 'url', message, url };
}

/** Returns what the client says to our question, of 2026-07-28; `undefined` where it was not asked yet. */
export function responseOf(params: JsonObject): string | undefined {
  const response = memberOf(memberOf(params, 'inputResponses'), CONSENT_KEY);
  return response === undefined ? undefined : (stringMember(response, 'action') ?? 'cancel');
}
