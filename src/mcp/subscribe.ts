import { messageOf, SealwatchError } from '../errors.js';
import { memberOf } from '../model/json.js';
import { quote } from '../quote.js';
import type { Connection } from './open-connection.js';

/** Whether a server says that it announces changes of its lists. */
export function announcesChanges({ handshake }: Pick<Connection, 'handshake'>): boolean {
  return ANNOUNCING.some((list) => memberOf(memberOf(handshake.capabilities, list), 'listChanged') === true);
}

const ANNOUNCING = ['tools', 'prompts', 'resources'];

/**
 * Asks a server of revision 2026-07-28 to announce changes (`subscriptions/listen`); older ones announce unasked. The
 * request stays open as long as the subscription does, so its end ends the connection: whoever holds it connects anew.
 */
export function subscribe({ session, handshake, lifeline }: Connection): void {
  if (!handshake.isModern) return;
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
  session.request('subscriptions/listen', { notifications }).then(
    () => {
      lifeline.fail(new SealwatchError('OBSERVE_CLOSED', 'the server ended the subscription to changes'));
    },
    (error: unknown) => {
      lifeline.fail(
        error instanceof SealwatchError
          ? error
          : new SealwatchError('OBSERVE_CLOSED', quote(messageOf(error)), { cause: error }),
      );
    },
  );
}
