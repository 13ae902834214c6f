import type { Urgency } from '../model/drift.js';
import { escapeHtml } from './escape-html.js';
import type { Line } from './line.js';
import { SIGN } from './lines-to-text.js';

/**
 * Returns lines as an HTML fragment, one block each (so letters written right to left reorder nothing around their line), with classes for a style sheet and inline styles for mail programs, which have none.
 *
 * Text and background are always set together, so that a mail program in dark mode changes both or none; the contrast is at least 4.5 to 1.
 */
export function linesToHtml(lines: readonly Line[]): string {
  // Without line breaks between the blocks: where white space counts, each would be an empty line.
  return `<div class="lines" dir="ltr" style="${WRAP}">${lines.map(lineToHtml).join('')}</div>`;
}

function lineToHtml(line: Line): string {
  const { kind, text, urgency } = line;
  const names = ['line', kind, ...(urgency === undefined ? [] : [urgency])].join(' ');
  const body = text === '' ? '<br>' : escapeHtml(`${SIGN[kind]}${text}`);
  return `<div class="${names}" style="${styleOf(line)}">${body}</div>`;
}

const WRAP = 'white-space:pre-wrap;overflow-wrap:anywhere';

function styleOf({ kind, urgency }: Line): string {
  switch (kind) {
    case 'title':
      return 'font-weight:700;margin-top:4px';
    case 'added':
      return 'background:#e3f6e6;color:#0f4d1c';
    case 'removed':
      return 'background:#fde8e8;color:#7d1414';
    case 'finding':
      return `font-weight:600;padding-left:8px;border-left:4px solid ${COLOUR[urgency ?? 'high']};background:#fff7ed;color:${COLOUR[urgency ?? 'high']}`;
    case 'context':
    case 'note':
      return 'background:#f6f8fa;color:#4d5661';
    case 'text':
    case 'blank':
      return 'background:#f6f8fa;color:#1b1f24';
  }
}

const COLOUR: Readonly<Record<Urgency, string>> = {
  critical: '#9f1239',
  high: '#9a3412',
  low: '#1d4ed8',
  info: '#4d5661',
};
