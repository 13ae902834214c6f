import type { Definition } from '../model/definition.js';
import { quote } from '../quote.js';
import type { Text } from './collect-texts.js';
import type { Match } from './finding-of.js';
import { nameSkeleton } from './name-skeleton.js';
import type { Neighbourhood } from './neighbourhood.js';

/** Finds a tool that has the name of another server's tool. */
export function detectSameToolName(text: Text, definition: Definition, { foreign }: Neighbourhood): readonly Match[] {
  if (!isToolName(text, definition)) return [];
  const server = foreign.get(text.text);
  return server === undefined ? [] : [wholeText(text, `${server} has one too`)];
}

/** Finds a tool whose name looks like that of another server's tool, and is another. */
export function detectConfusableToolName(
  text: Text,
  definition: Definition,
  { foreign, foreignBySkeleton, own }: Neighbourhood,
): readonly Match[] {
  if (!isToolName(text, definition) || foreign.has(text.text)) return [];
  const others = foreignBySkeleton.get(nameSkeleton(text.text)) ?? [];
  const other = others.find((name) => !own.has(name) && !isSameButForStyle(name, text.text));
  return other === undefined ? [] : [wholeText(text, `${quote(other)} of ${foreign.get(other) ?? 'another server'}`)];
}

function isToolName({ pointer }: Text, { ref }: Definition): boolean {
  return ref.kind === 'tool' && pointer === '/name';
}

function wholeText({ pointer, text }: Text, detail: string): Match {
  return { pointer, text, span: { start: 0, end: text.length }, detail };
}

/** `getUser` and `get_user` on two servers are two habits, not an attack. */
function isSameButForStyle(a: string, b: string): boolean {
  return withoutStyle(a) === withoutStyle(b);
}

function withoutStyle(name: string): string {
  return name.toLowerCase().replace(/[_\-. ]+/g, '');
}
