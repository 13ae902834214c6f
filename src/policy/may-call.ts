import type { Rights, Subject, ToolRule } from '../model/access.js';
import type { JsonValue } from '../model/json.js';
import { matchesPattern } from '../model/pattern.js';
import type { ServerId } from '../model/server-id.js';
import { argumentsSatisfy } from './arguments-satisfy.js';

/** What somebody wants to use. */
export interface Use {
  readonly server: ServerId;
  /** Of a tool or a prompt; `undefined` for the server's resources. */
  readonly name: string | undefined;
  readonly arguments: JsonValue | undefined;
}

export type Access =
  | { readonly kind: 'allowed' }
  /** `scopes` are those that a token would need, with those that it has; `undefined` where none would do. */
  | { readonly kind: 'refused'; readonly scopes: readonly string[] | undefined };

/** Returns whether somebody may use something with these arguments. What no rule allows is refused. */
export function mayCall({ rights }: Pick<Subject, 'rights'>, use: Use): Access {
  if (rights === undefined) return ALLOWED;
  const allows = (rule: ToolRule): boolean => coversUse(rule, use);
  if (rights.roles?.some(allows) === false) return { kind: 'refused', scopes: undefined };
  return byScope(rights, allows);
}

/** Returns whether somebody may know of a tool or prompt, or of the server's resources: some use of it would be allowed. */
export function maySee({ rights }: Pick<Subject, 'rights'>, server: ServerId, name: string | undefined): boolean {
  if (rights === undefined) return true;
  const covers = (rule: ToolRule): boolean => coversName(rule, server, name);
  return rights.roles?.some(covers) !== false && byScope(rights, covers).kind === 'allowed';
}

/** Returns whether somebody may talk to a server at all: some use of it would be allowed. */
export function mayEnter({ rights }: Pick<Subject, 'rights'>, server: ServerId): Access {
  if (rights === undefined) return ALLOWED;
  const covers = ({ servers }: ToolRule): boolean => servers.some((pattern) => matchesPattern(pattern, server));
  if (rights.roles?.some(covers) === false) return { kind: 'refused', scopes: undefined };
  return byScope(rights, covers);
}

const ALLOWED: Access = { kind: 'allowed' };

function byScope({ scopes, roles }: Rights, covers: (rule: ToolRule) => boolean): Access {
  // Where neither is looked at nobody said what is allowed, which is nothing.
  if (scopes === undefined) return roles === undefined ? { kind: 'refused', scopes: undefined } : ALLOWED;
  const { held, rules } = scopes;
  const covering = rules.filter(covers).map(({ scope }) => scope);
  if (covering.some((scope) => held.includes(scope))) return ALLOWED;
  const [needed] = covering;
  if (needed === undefined) return { kind: 'refused', scopes: undefined };
  // A client asks for what it is told here, and would lose what it has (MCP 2025-11-25, Scope Challenge Handling).
  return { kind: 'refused', scopes: [...new Set(rules.map(({ scope }) => scope))].filter(isWanted) };

  function isWanted(scope: string): boolean {
    return scope === needed || held.includes(scope);
  }
}

function coversUse(rule: ToolRule, use: Use): boolean {
  return coversName(rule, use.server, use.name) && argumentsSatisfy(rule.arguments, use);
}

function coversName(
  { servers, tools, arguments: wanted }: ToolRule,
  server: ServerId,
  name: string | undefined,
): boolean {
  if (!servers.some((pattern) => matchesPattern(pattern, server))) return false;
  // Resources have no arguments that a rule could be about.
  if (name === undefined) return tools.includes('*') && wanted.length === 0;
  return tools.some((pattern) => matchesPattern(pattern, name));
}
