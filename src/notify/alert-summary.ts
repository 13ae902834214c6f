import type { OutgoingAlert } from '../model/alert.js';
import { linesToText } from '../render/lines-to-text.js';
import type { AlertPart } from './alert-part.js';
import { alertText } from './alert-text.js';

/** What a chat or an incident shows of an alert: safe text, and where to read the rest. */
export interface AlertSummary {
  readonly title: string;
  /** Plain text, lines separated by `\n`. */
  readonly text: string;
  readonly isCut: boolean;
  /** The page of it; `undefined` where no page is served. */
  readonly page: { readonly label: string; readonly url: string } | undefined;
}

/**
 * Returns an alert in at most so much; how much is left out stands in the last line. A line costs its characters, unless the medium
 * counts otherwise.
 */
export function summarise(
  alert: OutgoingAlert,
  max: number,
  costOf: (line: string) => number = (line) => line.length + 1,
): AlertSummary {
  const { heading, parts } = alertText(alert);
  const lines = parts.flatMap(linesOf);
  const shown = fit(lines, max - LEFT_OUT_CHARACTERS, costOf);
  const rest = lines.length - shown.length;
  const note = rest === 0 ? [] : [`… ${rest} more lines are left out here: read them on the page before you decide.`];
  return { title: heading, text: [...shown, ...note].join('\n'), isCut: rest > 0, page: pageOf(alert) };
}

/** Room for the sentence that says how much is left out. */
const LEFT_OUT_CHARACTERS = 120;

/** Links are shown by the channel itself; commands are of use to somebody at a terminal. */
function linesOf(part: AlertPart): readonly string[] {
  switch (part.kind) {
    case 'paragraph':
      return [part.text, ''];
    case 'heading':
      return [part.text.toUpperCase() === part.text ? part.text : `${part.text}:`];
    case 'list':
      return [...part.items.map((item) => `- ${item}`), ''];
    case 'lines':
      return [...linesToText(part.lines).trimEnd().split('\n'), ''];
    case 'link':
      return [];
    case 'commands':
      return [...part.commands.map(({ command }) => `  ${command}`), ''];
  }
}

function fit(lines: readonly string[], max: number, costOf: (line: string) => number): readonly string[] {
  let cost = 0;
  const end = lines.findIndex((line) => {
    cost += costOf(line);
    return cost > max;
  });
  return end === -1 ? lines : lines.slice(0, end);
}

/** A room is read by many: without a link of one's own, the page that asks who is there. */
function pageOf({ subject, link, inbox }: OutgoingAlert): AlertSummary['page'] {
  if (link !== undefined) return { label: 'Look at the change and decide', url: link };
  if (inbox === undefined) return undefined;
  return subject.kind === 'change-request'
    ? { label: 'Look at the change and decide', url: `${inbox}/requests/${subject.request}` }
    : { label: 'Open the inbox', url: `${inbox}/` };
}
