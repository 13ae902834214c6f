import { isJsonObject, type JsonObject, type JsonValue, stringMember } from '../model/json.js';
import type { Listener } from './client-end.js';

/**
 * Returns the client as one of several servers speaks to it: what it says of a resource is about its own, and what it logs is under its name.
 *
 * Attack: a server announces changes of another one's resources, or logs in our name.
 */
export function namedFor(id: string, client: Listener): Listener {
  return {
    isAskable: client.isAskable,
    announce: (list) => {
      client.announce(list);
    },
    send: (text, token) => {
      const message = JSON.parse(text) as JsonObject;
      const own = isJsonObject(message['params']) ? ownWords(id, message['method'], message['params']) : undefined;
      client.send(own === undefined ? text : JSON.stringify({ ...message, params: own }), token);
    },
  };
}

/** Returns the parameters of a message under the server's name; `undefined` where they name nothing. */
function ownWords(id: string, method: JsonValue | undefined, params: JsonObject): JsonObject | undefined {
  if (method === 'notifications/resources/updated')
    return { ...params, uri: `${id}+${stringMember(params, 'uri') ?? ''}` };
  if (method !== 'notifications/message') return undefined;
  const logger = stringMember(params, 'logger');
  return { ...params, logger: logger === undefined ? id : `${id}/${logger}` };
}
