import type { AlertSubject, Destination, NewAlert } from '../model/alert.js';
import type { Channel } from '../model/channel.js';
import { URGENCIES, type Urgency } from '../model/drift.js';
import type { Checked, Transition, Unchecked } from '../model/inspection.js';
import type { Server } from '../model/server.js';
import type { Standing } from '../ports.js';
import type { MonitorDeps } from './deps.js';

/**
 * Returns the alerts of an inspection: one when a request opens, one more when it drifts on to something more urgent,
 * none when it alternates between states that were alerted before.
 */
export function requestAlerts(
  checked: Checked,
  transition: Transition,
  standing: Standing,
  deps: MonitorDeps,
): readonly NewAlert[] {
  const { requested } = checked;
  if (requested === undefined || !isNews(transition, requested.urgency, standing)) return [];
  const alert = newAlert(
    { kind: 'change-request' },
    requested.urgency,
    deps.channels,
    `request ${requested.digest} ${checked.at}`,
  );
  return [alert];
}

/** Returns the alerts of a failed observation: one per outage, and one when its definitions fall back to hold. */
export function uncheckedAlerts(
  unchecked: Unchecked,
  server: Server,
  standing: Standing,
  deps: MonitorDeps,
): readonly NewAlert[] {
  const { code, message } = unchecked;
  const since = standing.outage?.since ?? unchecked.at;
  const checkedAt = standing.last?.at ?? since;
  const alerts = [
    newAlert(
      { kind: 'unchecked', server: server.id, since, code, message },
      'high',
      deps.channels,
      `unchecked ${server.id} ${since}`,
    ),
  ];
  if (Date.parse(unchecked.at) - Date.parse(checkedAt) < server.maxUncheckedMs) return alerts;
  const subject = { kind: 'unchecked-too-long', server: server.id, since: checkedAt } as const;
  return [...alerts, newAlert(subject, 'critical', deps.channels, `unchecked too long ${server.id} ${checkedAt}`)];
}

/** Returns the alert that says on the other channels that one of them fails. */
export function channelAlerts(
  channel: string,
  message: string,
  since: string,
  channels: readonly Channel[],
): readonly NewAlert[] {
  const others = channels.filter((other) => other.name !== channel);
  if (others.length === 0) return [];
  return [
    newAlert({ kind: 'channel-failed', channel, message }, 'high', others, `channel ${channel} ${since.slice(0, 10)}`),
  ];
}

function newAlert(subject: NewSubject, urgency: Urgency, channels: readonly Channel[], dedupKey: string): NewAlert {
  return { subject, urgency, dedupKey, to: channels.flatMap((channel) => destinations(channel, urgency)) };
}

type NewSubject = Exclude<AlertSubject, { kind: 'change-request' }> | { readonly kind: 'change-request' };

function isNews(transition: Transition, urgency: Urgency, standing: Standing): boolean {
  switch (transition.kind) {
    case 'open':
      return true;
    case 'supersede':
      return URGENCIES.indexOf(urgency) > URGENCIES.indexOf(standing.open?.urgency ?? 'info');
    case 'none':
    case 'keep':
    case 'withdraw':
    case 'reopen':
      return false;
  }
}

function destinations(channel: Channel, urgency: Urgency): readonly Destination[] {
  if (URGENCIES.indexOf(urgency) < URGENCIES.indexOf(channel.minimumUrgency)) return [];
  switch (channel.kind) {
    case 'email':
      return channel.to.map((recipient) => ({ channel: channel.name, recipient }));
    case 'stdout':
      return [{ channel: channel.name, recipient: '' }];
  }
}
