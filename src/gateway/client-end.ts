import type { JsonValue } from '../model/json.js';

/** Where messages to a client go, each as JSON text. */
export interface ClientEnd {
  /** The answer to a request; `scopes` are those of a token with which it would not have been refused. */
  reply(id: JsonValue, text: string, scopes?: readonly string[]): void;
  /** A request, or a notification; `token` is that of the request that a progress is about. */
  send(text: string, token?: JsonValue): void;
}

/**
 * Returns a message on one line, since a line is a message. JSON text has line breaks in the white space between its tokens only, where
 * they say nothing.
 *
 * Attack: a server sends one message over several lines, one of which is itself a message that answers what the client asks next.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

/** Tells a client that lists of ours have changed; of those that `has` picks. */
export function announceLists(client: Pick<ClientEnd, 'send'>, has: (list: string) => boolean = () => true): void {
  for (const list of ['tools', 'prompts', 'resources'].filter(has))
    client.send(JSON.stringify({ jsonrpc: '2.0', method: `notifications/${list}/list_changed` }));
}
