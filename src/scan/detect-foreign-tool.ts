import type { Definition } from '../model/definition.js';
import { quote } from '../quote.js';
import type { Text } from './collect-texts.js';
import type { Match } from './finding-of.js';
import type { Neighbourhood } from './neighbourhood.js';

/** Directives this far from the name still speak of it. */
const AROUND = 160;

/**
 * Finds another server's tool named close to words that tell the model what to do. Only names that are no ordinary words count
 * (`send_email`, `readFile`), and only those that no tool of the own server has.
 */
export function detectForeignToolDirective(
  _definition: Definition,
  context: Neighbourhood,
  texts: () => readonly Text[],
): readonly Match[] {
  if (context.foreign.size === 0) return [];
  return texts().flatMap((text) => directivesIn(text, context));
}

function directivesIn({ text, pointer }: Text, { own, foreign }: Neighbourhood): readonly Match[] {
  return Array.from(text.matchAll(TOKEN)).flatMap(({ 0: token, index }) => {
    const name = foreignName(token, foreign);
    const server = name === undefined || own.has(name) ? undefined : foreign.get(name);
    if (name === undefined || server === undefined || !isDirected(text, index, index + token.length)) return [];
    const span = { start: index, end: index + token.length };
    return [{ pointer, text, span, detail: `${quote(name)} of ${server}` }];
  });
}

/** Names in the style of programs: two parts at least. */
const TOKEN = /[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+/g;

/** Clients show a tool as `mcp_server_tool` or `server__tool`: the name may be the end of the token. */
function foreignName(token: string, foreign: ReadonlyMap<string, unknown>): string | undefined {
  const bare = token.replace(/^(?:mcp_(?:tool_)?|.*__)/, '');
  return [token, bare].find((name) => foreign.has(name));
}

const DIRECTIVE =
  /\b(?:must|always|never|instead of|rather than|do not use|don't use|avoid using|before (?:using|calling|you)|after (?:using|calling)|first (?:call|use)|(?:call|use|invoke|run|tell|instruct)\b.{0,40}\bto\b|is present|is available|whenever|override[sn]?|replaces?|supersedes?|all emails?|every (?:call|message|time))\b/i;

function isDirected(text: string, start: number, end: number): boolean {
  return DIRECTIVE.test(text.slice(Math.max(0, start - AROUND), end + AROUND));
}
