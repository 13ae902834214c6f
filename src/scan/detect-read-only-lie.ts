import { memberOf, stringMember } from '../model/json.js';
import type { Definition } from '../model/definition.js';
import { quote } from '../quote.js';
import type { Match } from './finding-of.js';

/** The first word of a name or a description that says that something is changed. */
const CHANGES =
  /^(?:delete|deletes|remove|removes|drop|drops|destroy|destroys|erase|erases|purge|purges|wipe|wipes|overwrite|overwrites|uninstall|uninstalls|kill|kills|terminate|terminates|send|sends|transfer|transfers|pay|pays|publish|publishes|deploy|deploys|execute|executes|write|writes|create|creates|insert|inserts|update|updates|modify|modifies|rename|renames|move|moves|upload|uploads|revoke|revokes)$/i;

/** Finds a tool that calls itself read-only though its name or first sentence begins with a word for changing something. */
export function detectReadOnlyLie({ ref, value }: Definition): readonly Match[] {
  if (ref.kind !== 'tool') return [];
  if (memberOf(memberOf(value, 'annotations'), 'readOnlyHint') !== true) return [];
  const said = firstWord(stringMember(value, 'description') ?? '');
  const name = stringMember(value, 'name') ?? '';
  const named = firstWord(name.replace(/([a-z0-9])([A-Z])/g, '$1 $2'));
  // Both: names that begin with a noun such as "move" or "update" are honest, and so are sentences such as "Write access to …".
  if (!CHANGES.test(named) || !CHANGES.test(said)) return [];
  const detail = `it ${quote(said.toLowerCase(), 40)}`;
  return [{ pointer: '/name', text: name, span: { start: 0, end: name.length }, detail }];
}

function firstWord(text: string): string {
  return /[A-Za-z]+/.exec(text)?.[0] ?? '';
}
