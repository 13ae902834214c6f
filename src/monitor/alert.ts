import type { AlertSubject, Destination, NewAlert } from '../model/alert.js';
import type { ChangeRequest } from '../model/change-request.js';
import type { Channel } from '../model/channel.js';
import { URGENCIES, type Urgency } from '../model/drift.js';
import type { Checked, Transition, Unchecked } from '../model/inspection.js';
import type { Server } from '../model/server.js';
import type { Standing } from '../ports.js';
import type { MonitorDeps } from './deps.js';

/** The request that is open before an inspection, and the newest one that asked for the same as now. */
interface Earlier {
  readonly open: ChangeRequest | undefined;
  readonly same: ChangeRequest | undefined;
}

/**
 * Returns the alerts of an inspection: one when a request opens, one more when it drifts on to something more urgent, and at
 * most one a day where a surface alternates.
 */
export function requestAlerts(
  checked: Checked,
  transition: Transition,
  earlier: Earlier,
  deps: MonitorDeps,
): readonly NewAlert[] {
  const { requested, at } = checked;
  if (requested === undefined || !isNews(transition, requested.urgency, earlier, at)) return [];
  const when = transition.kind === 'reopen' ? dayOf(at) : at;
  const dedupKey = `request ${checked.server} ${requested.digest} ${when}`;
  return [newAlert({ kind: 'change-request' }, requested.urgency, deps.channels, dedupKey)];
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

function isNews(transition: Transition, urgency: Urgency, { open, same }: Earlier, at: string): boolean {
  switch (transition.kind) {
    case 'open':
      return true;
    case 'supersede':
      return URGENCIES.indexOf(urgency) > URGENCIES.indexOf(open?.urgency ?? 'info');
    case 'reopen':
      // One alert for a surface that alternates; but what was told on another day is forgotten, and a server may count on it.
      return same === undefined || dayOf(same.openedAt) !== dayOf(at);
    case 'none':
    case 'keep':
    case 'withdraw':
      return false;
  }
}

function dayOf(at: string): string {
  return at.slice(0, 10);
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
