import type { Channel } from '../model/channel.js';
import type { Notifier } from '../ports.js';
import { createEmailNotifier } from './email.js';
import { createStdoutNotifier } from './stdout.js';

/** Returns the notifier of every configured channel; the list of channel kinds is written out, nothing is discovered. */
export function createNotifiers(
  channels: readonly Channel[],
  options: { readonly stdout: (text: string) => void },
): readonly Notifier[] {
  return channels.map((channel) => {
    switch (channel.kind) {
      case 'email':
        return createEmailNotifier(channel);
      case 'stdout':
        return createStdoutNotifier(channel, options.stdout);
    }
  });
}
