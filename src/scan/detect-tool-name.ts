import type { Definition } from '../model/definition.js';
import { stringMember } from '../model/json.js';
import { quote } from '../quote.js';
import { isCommonName } from './common-name-words.js';
import type { Match } from './finding-of.js';
import { nameSkeleton } from './name-skeleton.js';
import type { Neighbourhood } from './neighbourhood.js';

/** Finds a tool that has the name of another server's tool, where the name is one that many have. */
export function detectSameToolName(definition: Definition, neighbourhood: Neighbourhood): readonly Match[] {
  return sameNames(definition, neighbourhood, isCommonName);
}

/** Finds a tool that has the name of another server's tool, where two would hardly have come to it by themselves. */
export function detectSameRareToolName(definition: Definition, neighbourhood: Neighbourhood): readonly Match[] {
  return sameNames(definition, neighbourhood, (name) => !isCommonName(name));
}

function sameNames(
  definition: Definition,
  { foreign }: Neighbourhood,
  isMeant: (name: string) => boolean,
): readonly Match[] {
  const name = toolName(definition);
  const server = name === undefined ? undefined : foreign.get(name);
  if (name === undefined || server === undefined || !isMeant(name)) return [];
  return [wholeName(name, `${server} has one too`)];
}

/** Finds a tool whose name looks like that of another server's tool, and is another. */
export function detectConfusableToolName(
  definition: Definition,
  { foreign, foreignBySkeleton, own }: Neighbourhood,
): readonly Match[] {
  const name = toolName(definition);
  if (name === undefined || foreign.size === 0 || foreign.has(name)) return [];
  const others = foreignBySkeleton.get(nameSkeleton(name)) ?? [];
  const other = others.find((one) => !own.has(one) && !isSameButForStyle(one, name));
  return other === undefined ? [] : [wholeName(name, `${quote(other)} of ${foreign.get(other) ?? 'another server'}`)];
}

function toolName({ ref, value }: Definition): string | undefined {
  return ref.kind === 'tool' ? stringMember(value, 'name') : undefined;
}

function wholeName(name: string, detail: string): Match {
  return { pointer: '/name', text: name, span: { start: 0, end: name.length }, detail };
}

/** `getUser` and `get_user` on two servers are two habits, not an attack. */
function isSameButForStyle(a: string, b: string): boolean {
  return withoutStyle(a) === withoutStyle(b);
}

function withoutStyle(name: string): string {
  return name.toLowerCase().replace(/[_\-. ]+/g, '');
}
