import { isJsonObject, type JsonObject, type JsonValue, stringMember } from '../model/json.js';
import type { Listener } from './client-end.js';

/**
 * Returns the client as one of several servers speaks to it: what it says of a resource is about its own, and what it logs is under its name.
 *
 * Attack: a server announces changes of another one's resources, or logs in our name.
 */
export function namedFor(id: string, client: Listener): Listener {
  return {
    announce: (list) => {
      client.announce(list);
    },
    send: (text, token) => {
      const message = JSON.parse(text) as JsonObject;
      const rename = typeof message['method'] === 'string' ? RENAMED.get(message['method']) : undefined;
      const params = message['params'];
      if (rename === undefined || !isJsonObject(params)) client.send(text, token);
      else client.send(JSON.stringify({ ...message, params: rename(id, params) }), token);
    },
  };
}

const RENAMED: ReadonlyMap<string, (id: string, params: JsonObject) => JsonValue> = new Map<
  string,
  (id: string, params: JsonObject) => JsonValue
>([
  [
    'notifications/resources/updated',
    (id, params) => ({ ...params, uri: `${id}+${stringMember(params, 'uri') ?? ''}` }),
  ],
  [
    'notifications/message',
    (id, params) => ({
      ...params,
      logger: [id, stringMember(params, 'logger')].filter((one) => one !== undefined).join('/'),
    }),
  ],
]);
