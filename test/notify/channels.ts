import type { Channel, HttpTarget } from '../../src/model/channel.js';
import { createNotifiers } from '../../src/notify/index.js';
import type { Clock, Notifier } from '../../src/ports.js';

/** Of every channel in these tests; never to be seen in an error. */
export const SECRET_PATH = '/services/T0SECRET/B0SECRET/xoxSECRETxSECRETx';
export const SECRET = 'a-key-of-at-least-sixteen';
export const ROUTING_KEY = 'R0SECRET'.repeat(4);

const ALL = { minimumUrgency: 'info' } as const;

/** The channels that post JSON, each to the same address. */
export const WEBHOOK_KINDS = ['slack', 'teams', 'webhook', 'pagerduty'] as const;

export function httpChannel(kind: (typeof WEBHOOK_KINDS)[number], target: HttpTarget): Channel {
  switch (kind) {
    case 'slack':
    case 'teams':
      return { kind, name: kind, ...ALL, target };
    case 'webhook':
      return { kind, name: kind, ...ALL, target, secret: SECRET };
    case 'pagerduty':
      return { kind, name: kind, ...ALL, target, routingKey: ROUTING_KEY };
  }
}

export function syslogChannel(port: number, security: 'tls' | 'none', ca?: string): Channel {
  return { kind: 'syslog', name: 'syslog', ...ALL, host: '127.0.0.1', port, security, ca };
}

const CLOCK: Clock = { now: () => new Date('2026-11-23T08:00:00.000Z'), monotonicMs: () => performance.now() };

export function notifierOf(channel: Channel, stdout: (text: string) => void = () => undefined): Notifier {
  return createNotifiers([channel], { clock: CLOCK, stdout })[0]!;
}
