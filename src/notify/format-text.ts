import { linesToText } from '../render/lines-to-text.js';
import type { AlertPart, AlertText } from './alert-part.js';

const WIDTH = 78;

/** Returns an alert as plain text, wrapped; commands and links stand on lines of their own, so that they can be copied. */
export function formatText(text: AlertText): string {
  const parts = [underlined(text.heading, '='), ...text.parts.map(partToText)];
  return `${parts.join('\n\n')}\n`;
}

function partToText(part: AlertPart): string {
  switch (part.kind) {
    case 'paragraph':
      return wrap(part.text, '');
    case 'heading':
      return underlined(part.text, '-');
    case 'list':
      return part.items.map((item) => `- ${wrap(item, '  ')}`).join('\n');
    case 'lines':
      return linesToText(part.lines).trimEnd();
    case 'link':
      return `${part.label}:\n${part.url}`;
    case 'commands':
      return part.commands.map(({ command, does }) => `  ${command.padEnd(24)}  ${does}`).join('\n');
  }
}

function underlined(text: string, with_: string): string {
  return `${text}\n${with_.repeat(Math.min(text.length, WIDTH))}`;
}

function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}
