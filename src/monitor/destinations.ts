import type { Destination } from '../model/alert.js';
import type { Channel } from '../model/channel.js';
import type { Due } from './due-at.js';

/** Returns one destination for each recipient of each channel, all due at the same time. */
export function destinationsOn(channels: readonly Channel[], due: Due): readonly Destination[] {
  return channels.flatMap((channel) =>
    recipientsOf(channel).map((recipient) => ({ channel: channel.name, recipient, ...due })),
  );
}

/** A channel without addresses (a log, a room of a chat) is one recipient without a name: it gets no link that decides. */
function recipientsOf(channel: Channel): readonly string[] {
  return channel.kind === 'email' ? channel.to : [''];
}
