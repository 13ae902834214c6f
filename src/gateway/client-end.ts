import type { JsonObject, JsonValue } from '../model/json.js';

/** Where messages to a client go, each as JSON text. */
export interface ClientEnd {
  /** The answer to a request; `scopes` are those of a token with which it would not have been refused. */
  reply(id: JsonValue, text: string, scopes?: readonly string[]): void;
  /**
   * A request, or a notification; `token` is that of the request that a progress is about. A client that does not read hears nothing of
   * it: nobody waits for what a server says of its own accord, and it must not pile up.
   */
  send(text: string, token?: JsonValue): void;
  /** Whether the client has a way to answer requests: without a session there is none. */
  readonly isAskable: boolean;
  /** Says that a list has changed: to whoever subscribed to it, or to a client whose revision knows no subscriptions. */
  announce(list: AnnouncedList): void;
  /** A request that is answered with every change of these lists, until what is returned is called (MCP 2026-07-28, `subscriptions/listen`). */
  subscribe(id: JsonValue, lists: readonly AnnouncedList[]): () => void;
}

/** The client's end as a server speaks to it: it has answered nothing yet. */
export type Listener = Pick<ClientEnd, 'send' | 'announce' | 'isAskable'>;

/** What a client may leave unread before nothing more is said to it. */
export const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** What a client is told of when it changes. */
export const ANNOUNCED_LISTS = ['tools', 'prompts', 'resources'] as const;

export type AnnouncedList = (typeof ANNOUNCED_LISTS)[number];

/**
 * Returns a message on one line, since a line is a message. JSON text has line breaks in the white space between its tokens only, where
 * they say nothing.
 *
 * Attack: a server sends one message over several lines, one of which is itself a message that answers what the client asks next.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

/** Returns the message that says that a list has changed; on a subscription with the id of the request that subscribed. */
export function changeText(list: AnnouncedList, subscription?: JsonValue): string {
  return notificationText(`notifications/${list}/list_changed`, {}, subscription);
}

/** Returns the message that begins a subscription. */
export function acknowledgement(lists: readonly AnnouncedList[], subscription: JsonValue): string {
  const notifications = Object.fromEntries(lists.map((list) => [`${list}ListChanged`, true]));
  return notificationText('notifications/subscriptions/acknowledged', { notifications }, subscription);
}

function notificationText(method: string, params: JsonObject, subscription: JsonValue | undefined): string {
  if (subscription === undefined) return JSON.stringify({ jsonrpc: '2.0', method });
  return JSON.stringify({
    jsonrpc: '2.0',
    method,
    params: { ...params, _meta: { [SUBSCRIPTION_META]: subscription } },
  });
}

const SUBSCRIPTION_META = 'io.modelcontextprotocol/subscriptionId';
