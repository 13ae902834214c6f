import type { StdoutChannel } from '../model/channel.js';
import type { Notifier } from '../ports.js';
import { alertText } from './alert-text.js';
import { formatText } from './format-text.js';

/** Returns a notifier that writes each alert as plain text with its diff; server text is quoted, so no escape reaches the terminal. */
export function createStdoutNotifier(channel: StdoutChannel, write: (text: string) => void): Notifier {
  return {
    channel: channel.name,
    send: (alert) => {
      write(`${formatText(alertText(alert))}\n`);
      return Promise.resolve();
    },
  };
}
