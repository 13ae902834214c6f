import type { OutgoingAlert } from '../model/alert.js';
import type { SlackChannel } from '../model/channel.js';
import type { Notifier } from '../ports.js';
import { summarise } from './alert-summary.js';
import { postJson } from './post-json.js';

/** A text of a block holds 3,000 characters, a header 150. */
const MAX_TEXT = 2_800;
const MAX_HEADER = 150;

/** Returns a notifier that posts to an incoming webhook of Slack. */
export function createSlackNotifier(channel: SlackChannel): Notifier {
  return {
    channel: channel.name,
    send: (alert, signal) => postJson(channel, JSON.stringify(slackMessage(alert)), {}, signal),
  };
}

/**
 * Returns the message. Server text stands in `plain_text` or rich-text elements only, which know no mark-up: no link, no mention, no
 * `<!channel>`. The fallback for notifications is escaped as Slack asks.
 */
export function slackMessage(alert: OutgoingAlert): object {
  const { title, text, page } = summarise(alert, MAX_TEXT);
  return {
    text: escapeMarkup(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title), emoji: false } },
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
      },
      ...(page === undefined
        ? []
        : [
            {
              type: 'actions',
              elements: [
                { type: 'button', text: { type: 'plain_text', text: page.label, emoji: false }, url: page.url },
              ],
            },
          ]),
    ],
  };
}

/** With the three characters replaced, nothing in it is a link, a mention or a command; the rest of the mark-up is only bold or italic. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cut(title: string): string {
  return title.length <= MAX_HEADER
    ? title
    : `${Array.from(title)
        .slice(0, MAX_HEADER - 1)
        .join('')}…`.slice(0, MAX_HEADER);
}
