import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.js';
import { makeVisible } from '../quote.js';
import { maskSecrets } from './mask-secrets.js';
import { type WrappedLine, wrapText } from './wrap-text.js';

/** Longer values are shown over several lines. */
const MAX_INLINE = 60;

/** Returns a short value as JSON on one line, hidden characters visible and secrets masked. */
export function inlineJson(value: JsonValue): string {
  return maskSecrets(makeVisibleJson(JSON.stringify(value)));
}

/** Returns whether a value is short enough for one line. */
export function isInline(value: JsonValue): boolean {
  if (isJsonObject(value) && Object.keys(value).length > 0) return false;
  return inlineJson(value).length <= MAX_INLINE;
}

/** Returns `name: value` as indented lines, members and items below each other; nothing of the value is left out. */
export function jsonLines(name: string, value: JsonValue, width: number): readonly string[] {
  const label = makeVisible(name);
  if (isInline(value)) return [maskSecrets(`${label}: ${inlineJson(value)}`)];
  if (typeof value === 'string') return [`${label}:`, ...indented(proseLines(value, width - 2))];
  if (isJsonArray(value)) {
    const lines = value.flatMap((item, index) => jsonLines(String(index), item, width - 2));
    return [`${label}:`, ...indented(lines)];
  }
  if (isJsonObject(value)) {
    const lines = Object.entries(value).flatMap(([member, one]) => jsonLines(member, one, width - 2));
    return [`${label}:`, ...indented(lines)];
  }
  return [`${label}:`, ...indented(wrapText(inlineJson(value), width - 2).map(({ text }) => text))];
}

/** Stands before each line of long text, so that no line of it passes for structure around it. */
const BAR = '│ ';

function proseLines(text: string, width: number): readonly string[] {
  return wrappedProse(text, width).map((line) => line.text);
}

/** Returns a long string as wrapped lines of plain text, with the place in it where each line ends. */
export function wrappedProse(text: string, width: number): readonly WrappedLine[] {
  return wrapText(maskSecrets(text), width - BAR.length).map((line) => ({ ...line, text: BAR + line.text }));
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

/** JSON has escaped quotes, backslashes and controls already; what else is hidden is escaped here. */
function makeVisibleJson(json: string): string {
  return json.split('\\').map(makeVisible).join('\\');
}
