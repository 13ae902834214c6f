import type { Subject } from '../model/access.js';
import type { ServerId } from '../model/server-id.js';

/**
 * Whether somebody may use a tool or a prompt of a server, or, without a name, the server's resources. What no rule allows is refused.
 */
export function mayCall({ rules }: Pick<Subject, 'rules'>, server: ServerId, name: string | undefined): boolean {
  if (rules === undefined) return true;
  return rules.some(
    ({ servers, tools }) =>
      servers.some((pattern) => matches(pattern, server)) &&
      tools.some((pattern) => (name === undefined ? pattern === '*' : matches(pattern, name))),
  );
}

/** Compared piece by piece from the left, which takes no more than one look at each character of the text for each piece. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
