import type { Line } from './line.js';

/** Returns lines as plain text, each with the sign of its kind before it, so that no line of server text passes for one of ours. */
export function linesToText(lines: readonly Line[]): string {
  return lines.map((line) => `${`${SIGN[line.kind]}${line.text}`.trimEnd()}\n`).join('');
}

/** What stands before a line of each kind. */
export const SIGN: Readonly<Record<Line['kind'], string>> = {
  title: '',
  text: '',
  context: '  ',
  added: '+ ',
  removed: '- ',
  finding: '! ',
  note: '',
  blank: '',
};
