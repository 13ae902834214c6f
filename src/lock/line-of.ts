import { canonicalize } from '../integrity/canonicalize.js';
import { escapeInJson } from '../quote.js';

/**
 * Returns the line, counted from 1, on which a lock of our own form says something of a server (`memory`) or of a definition
 * (`memory/tool/read_graph`): of the server where the lock has no such definition, and the first where it has none of both.
 */
export function lineOf(text: string, place: string): number {
  const lines = text.split('\n');
  const [server = ''] = place.split('/', 1);
  const key = place.slice(server.length + 1);
  const start = lines.findIndex((line) => line.startsWith(`    ${written(server)}: {`));
  if (start === -1) return 1;
  const end = lines.findIndex((line, index) => index > start && /^ {4}\}/.test(line));
  const wanted = key === 'provenance/' ? '      "provenance": {' : `        ${written(key)}: {`;
  const found = lines.slice(0, end).findIndex((line, index) => index > start && line.startsWith(wanted));
  return (found === -1 ? start : found) + 1;
}

function written(name: string): string {
  return escapeInJson(canonicalize(name));
}
