import type { OutgoingAlert } from '../model/alert.js';
import type { TeamsChannel } from '../model/channel.js';
import type { Notifier } from '../ports.js';
import { summarise } from './alert-summary.js';
import { postJson } from './post-json.js';

/** A message holds 28 KB. Every line is a block of its own: counted by characters, thousands of short ones would not fit (CWE-770). */
const MAX_BYTES = 20_000;

/** Returns a notifier that posts an adaptive card to a webhook of Microsoft Teams (Workflows). */
export function createTeamsNotifier(channel: TeamsChannel): Notifier {
  return {
    channel: channel.name,
    send: (alert, signal) => postJson(channel, JSON.stringify(teamsMessage(alert)), {}, signal),
  };
}

/** Returns the card. Server text stands in text runs only: a text block would read it as Markdown, with links and pictures. */
export function teamsMessage(alert: OutgoingAlert): object {
  const { title: heading, text, page } = summarise(alert, MAX_BYTES, bytesOf);
  const title = withoutFunctions(heading);
  const body = [
    { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: title, weight: 'Bolder', size: 'Medium' }] },
    ...text
      .split('\n')
      .filter((line) => line !== '')
      .map(blockOf),
  ];
  const actions = page === undefined ? [] : [{ type: 'Action.OpenUrl', title: page.label, url: page.url }];
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body,
    actions,
  };
  return {
    type: 'message',
    summary: title,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

/** An empty line is left out. */
function bytesOf(line: string): number {
  return line === '' ? 0 : Buffer.byteLength(JSON.stringify(blockOf(line))) + 1;
}

function blockOf(line: string): object {
  const text = withoutFunctions(line);
  return {
    type: 'RichTextBlock',
    spacing: 'None',
    inlines: [{ type: 'TextRun', text, fontType: 'Monospace', size: 'Small', color: colourOf(line) }],
  };
}

/** A card reads functions such as `{{DATE(…)}}` in every text, and shows what they make of it. */
function withoutFunctions(text: string): string {
  return text.replace(/\{(?=\{)/g, '{ ');
}

/** The sign says it too. */
function colourOf(line: string): 'Good' | 'Attention' | 'Warning' | 'Default' {
  if (line.startsWith('+')) return 'Good';
  if (line.startsWith('-')) return 'Attention';
  return line.startsWith('!') ? 'Warning' : 'Default';
}
