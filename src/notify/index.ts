import type { Channel } from '../model/channel.js';
import type { Clock, Notifier } from '../ports.js';
import { createEmailNotifier } from './email.js';
import { createPagerDutyNotifier } from './pagerduty.js';
import { createSlackNotifier } from './slack.js';
import { createStdoutNotifier } from './stdout.js';
import { createSyslogNotifier } from './syslog.js';
import { createTeamsNotifier } from './teams.js';
import { createWebhookNotifier } from './webhook.js';

/** Returns the notifier of every configured channel; the list of channel kinds is written out, nothing is discovered. */
export function createNotifiers(
  channels: readonly Channel[],
  options: { readonly stdout: (text: string) => void; readonly clock: Clock },
): readonly Notifier[] {
  return channels.map((channel) => notifierOf(channel, options));
}

function notifierOf(
  channel: Channel,
  { stdout, clock }: { readonly stdout: (text: string) => void; readonly clock: Clock },
): Notifier {
  switch (channel.kind) {
    case 'email':
      return createEmailNotifier(channel);
    case 'slack':
      return createSlackNotifier(channel);
    case 'teams':
      return createTeamsNotifier(channel);
    case 'webhook':
      return createWebhookNotifier(channel, clock);
    case 'pagerduty':
      return createPagerDutyNotifier(channel);
    case 'syslog':
      return createSyslogNotifier(channel);
    case 'stdout':
      return createStdoutNotifier(channel, stdout);
  }
}
