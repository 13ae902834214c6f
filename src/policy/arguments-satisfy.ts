import type { ArgumentRule, ValueRule } from '../model/access.js';
import { isJsonArray, type JsonValue, memberOf } from '../model/json.js';

/** Longer texts match no pattern: nobody writes a rule for them, and matching takes time. */
const MAX_PATTERN_LENGTH = 64 * 1024;

/** Returns whether arguments are what every rule wants. What is absent, or of another type, is not. */
export function argumentsSatisfy(
  rules: readonly ArgumentRule[],
  { arguments: given }: { readonly arguments: JsonValue | undefined },
): boolean {
  return rules.every(({ path, is }) => isAt(given, path, is));
}

function isAt(value: JsonValue | undefined, [name, ...rest]: readonly string[], is: ValueRule): boolean {
  if (value === undefined) return false;
  if (name === undefined) return holds(is, value);
  if (name === '*') return isJsonArray(value) && value.length > 0 && value.every((item) => isAt(item, rest, is));
  return isAt(memberOf(value, name), rest, is);
}

function holds(is: ValueRule, value: JsonValue): boolean {
  switch (is.kind) {
    case 'one-of':
      return is.values.includes(value);
    case 'pattern':
      return typeof value === 'string' && value.length <= MAX_PATTERN_LENGTH && is.matches(value);
    case 'within':
      // A server may fold look-alikes into the ASCII signs before it opens a file.
      return typeof value === 'string' && [value, value.normalize('NFKC')].every((path) => isWithin(path, is.folder));
  }
}

/**
 * Attack: path traversal. A path is taken by its text, so whatever a server could read as a way up, or as another separator, is refused:
 * `..`, `\`, encoded dots and slashes, control characters. Where a link on the disk leads is the server's affair.
 */
function isWithin(path: string, folder: string): boolean {
  if (/[\\\u0000-\u001f\u007f]|%(?:2e|2f|5c|00|25)/i.test(path)) return false;
  if (path.split('/').some((segment) => /^[. ]+$/.test(segment))) return false;
  return path.startsWith(`${folder}/`) || (path === folder && path !== '');
}
