import { escapeHtml } from '../render/escape-html.js';
import { linesToHtml } from '../render/lines-to-html.js';
import type { AlertPart, AlertText } from './alert-part.js';

/**
 * Returns an alert as an HTML document without images, scripts or anything that is loaded: opening the mail tells nobody.
 * Colours are set together, text and background, so that a mail program in dark mode inverts both or none.
 */
export function formatHtml(text: AlertText): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(text.heading)}</title>`,
    `</head><body style="${BODY}"><div style="${COLUMN}">`,
    `<h1 style="${H1}">${escapeHtml(text.heading)}</h1>`,
    ...text.parts.map(partToHtml),
    '</div></body></html>',
  ].join('\n');
}

const SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif";
const MONO = "font-family:ui-monospace,'Cascadia Mono',Menlo,Consolas,monospace";
const BODY = `margin:0;padding:16px;background:#ffffff;color:#1b1f24;${SANS};font-size:16px;line-height:1.5`;
const COLUMN = 'max-width:46rem;margin:0 auto';
const H1 = 'font-size:20px;line-height:1.3;margin:0 0 16px';
const H2 = 'font-size:16px;margin:24px 0 4px';
const DIFF = `margin:8px 0;padding:12px;border:1px solid #c9d1d9;border-radius:6px;background:#f6f8fa;color:#1b1f24;${MONO};font-size:13px;line-height:1.45`;
const BUTTON =
  'display:inline-block;padding:10px 16px;border-radius:6px;background:#0b4f9e;color:#ffffff;text-decoration:none;font-weight:600';
const CODE = `${MONO};font-size:14px`;

function partToHtml(part: AlertPart): string {
  switch (part.kind) {
    case 'paragraph':
      return `<p style="margin:8px 0">${prose(part.text)}</p>`;
    case 'heading':
      return `<h2 style="${H2}">${escapeHtml(part.text)}</h2>`;
    case 'list':
      return `<ul style="margin:8px 0;padding-left:20px">${part.items.map((item) => `<li>${prose(item)}</li>`).join('')}</ul>`;
    case 'lines':
      return `<div style="${DIFF}">${linesToHtml(part.lines)}</div>`;
    case 'link':
      // The address stands there in full as well: a reader can see where the button leads.
      return `<p style="margin:16px 0 4px"><a href="${escapeHtml(part.url)}" style="${BUTTON}">${escapeHtml(part.label)}</a></p><p style="margin:0 0 8px;font-size:13px;overflow-wrap:anywhere">${escapeHtml(part.url)}</p>`;
    case 'commands':
      return `<ul style="margin:8px 0;padding-left:20px">${part.commands
        .map(({ command, does }) => `<li><code style="${CODE}">${escapeHtml(command)}</code>: ${escapeHtml(does)}</li>`)
        .join('')}</ul>`;
  }
}

/** Escapes a sentence; what stands between backticks becomes code. */
function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, `<code style="${CODE}">$1</code>`);
}
