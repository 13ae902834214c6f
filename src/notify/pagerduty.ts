import { createHash } from 'node:crypto';

import type { OutgoingAlert } from '../model/alert.js';
import type { PagerDutyChannel } from '../model/channel.js';
import type { Urgency } from '../model/drift.js';
import type { Notifier } from '../ports.js';
import { summarise } from './alert-summary.js';
import { postJson } from './post-json.js';

/** Limits of the Events API v2: 1,024 characters of summary, 512 KB in all. */
const MAX_SUMMARY = 1_024;
const MAX_TEXT = 20_000;

const SEVERITY: Readonly<Record<Urgency, 'critical' | 'error' | 'warning' | 'info'>> = {
  critical: 'critical',
  high: 'error',
  low: 'warning',
  info: 'info',
};

/** Returns a notifier that triggers an incident by the Events API v2 of PagerDuty. */
export function createPagerDutyNotifier(channel: PagerDutyChannel): Notifier {
  return {
    channel: channel.name,
    send: (alert, signal) => postJson(channel, JSON.stringify(pagerDutyEvent(alert, channel.routingKey)), {}, signal),
  };
}

/** Returns the event. A reminder of a request has its key, so that it stays one incident. */
export function pagerDutyEvent(alert: OutgoingAlert, routingKey: string): object {
  const { title, text, page } = summarise(alert, MAX_TEXT);
  return {
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: `sealwatch-${dedupKey(alert)}`,
    client: 'Sealwatch',
    ...(alert.inbox === undefined ? {} : { client_url: alert.inbox }),
    payload: {
      summary: Array.from(title)
        .slice(0, MAX_SUMMARY / 2)
        .join(''),
      source: alert.view?.request.server ?? ('server' in alert.subject ? alert.subject.server : 'sealwatch'),
      severity: SEVERITY[alert.urgency],
      timestamp: alert.createdAt,
      component: 'mcp-server',
      class: alert.subject.kind,
      custom_details: { text },
    },
    links: page === undefined ? [] : [{ href: page.url, text: page.label }],
  };
}

function dedupKey({ subject, createdAt, view }: OutgoingAlert): string {
  const what =
    subject.kind === 'change-request'
      ? ['change-request', subject.request, view?.request.asked ?? '']
      : [subject, subject.kind === 'digest' ? createdAt : ''];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
}
