import { createHash, createHmac } from 'node:crypto';

import type { OutgoingAlert } from '../model/alert.js';
import type { WebhookChannel } from '../model/channel.js';
import type { Clock, Notifier } from '../ports.js';
import { postJson } from './post-json.js';
import { webhookPayload } from './webhook-payload.js';

/**
 * Returns a notifier that posts our JSON, signed: `Sealwatch-Signature: v1=<hex>` is the HMAC-SHA256 of `<timestamp>.<body>`, where
 * the timestamp is the header of that name, in seconds since 1970. A receiver refuses old timestamps, so that a message that was
 * caught cannot be sent again.
 */
export function createWebhookNotifier(channel: WebhookChannel, clock: Clock): Notifier {
  return {
    channel: channel.name,
    send: (alert, signal) => {
      const body = JSON.stringify(webhookPayload(alert));
      const timestamp = String(Math.floor(clock.now().getTime() / 1000));
      const headers = {
        'sealwatch-timestamp': timestamp,
        'sealwatch-signature': `v1=${createHmac('sha256', channel.secret).update(`${timestamp}.${body}`).digest('hex')}`,
        'sealwatch-delivery': deliveryId(alert),
      };
      return postJson(channel, body, headers, signal);
    },
  };
}

/** The same for the same alert: one that is sent again, because we were killed before we knew that it was taken, is recognised by it. */
function deliveryId(alert: OutgoingAlert): string {
  const identity = [alert.subject, alert.createdAt, alert.view?.request.asked ?? null, alert.items?.length ?? 0];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}
