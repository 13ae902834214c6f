import { makeVisibleLines } from '../quote.js';

/** Returns text on one line, hidden characters visible; what is quoted in it already stays as it is. */
export function oneLine(text: string): string {
  return makeVisibleLines(text).replace(/[\n\t]+/g, ' ');
}
