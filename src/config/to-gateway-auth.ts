import { RE2JS } from 're2js';

import { messageOf } from '../errors.js';
import type { ArgumentRule, GatewayAuth, Introspection, RoleRules, ToolRule, ValueRule } from '../model/access.js';
import { pointerTokens } from '../model/pointer.js';
import type { AuthEntry } from './gateway-schema.js';
import { isLoopback } from './is-loopback.js';
import { parseUrl } from './parse-url.js';
import type { Path, Problems } from './problems.js';

/** Asymmetric ones only: a shared secret would let whoever checks tokens make them (RFC 8725, section 3.1). */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];

/** As most providers call it. */
const DEFAULT_CLAIM = 'groups';

const PLACE = ['gateway', 'auth'] as const;

type RuleEntry = NonNullable<AuthEntry['permissions']>[string][number];

/** Returns how clients are let in, and what they may use. */
export function toGatewayAuth(entry: AuthEntry | undefined, problems: Problems): GatewayAuth | undefined {
  if (entry === undefined) return undefined;
  const { issuer, algorithms, allow } = entry;
  checkIssuer(issuer, problems);
  const roles = toRoles(entry, problems);
  if (allow === undefined && entry.roles === undefined)
    invalid(PLACE, 'needs allow (what scopes are for) or roles: what nobody allows is refused', problems);
  const scopes = allow?.map(({ scope, ...rule }, index) => {
    return { scope, ...toRule(rule, [...PLACE, 'allow', index], problems) };
  });
  if (algorithms !== undefined && entry.introspection !== undefined)
    invalid([...PLACE, 'algorithms'], 'says nothing beside introspection', problems, 'key');
  const introspection = entry.introspection && toIntrospection(entry.introspection, problems);
  return { issuer, algorithms: algorithms ?? ALGORITHMS, introspection, allow: scopes, roles };
}

function toIntrospection(entry: NonNullable<AuthEntry['introspection']>, problems: Problems): Introspection {
  const { clientId, clientSecret, url, cacheSeconds = 60 } = entry;
  if (url !== undefined && !isSafe(url)) {
    const message = 'must be an https:// address: over http anybody on the way could say what a token is worth';
    invalid([...PLACE, 'introspection', 'url'], message, problems);
  }
  return { clientId, clientSecret, url, cacheMs: cacheSeconds * 1_000 };
}

function isSafe(address: string): boolean {
  const url = parseUrl(address);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}

function checkIssuer(issuer: string, problems: Problems): void {
  const url = parseUrl(issuer);
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (isSafe(issuer) && isPlain) return;
  const message =
    'must be the https:// address of the authorization server, such as https://login.example.com/realms/staff';
  invalid([...PLACE, 'issuer'], message, problems);
}

function toRoles({ roles, permissions, claim }: AuthEntry, problems: Problems): RoleRules | undefined {
  const known = new Map(
    Object.entries(permissions ?? {}).map(([name, rules]) => [
      name,
      rules.map((rule, index) => toRule(rule, [...PLACE, 'permissions', name, index], problems)),
    ]),
  );
  if (roles === undefined) {
    for (const [key, given] of Object.entries({ claim, permissions }))
      if (given !== undefined) invalid([...PLACE, key], 'says nothing without roles', problems, 'key');
    return undefined;
  }
  return {
    claim: claim ?? DEFAULT_CLAIM,
    roles: roles.map(({ value, may }, role) => ({
      value,
      rules: may.flatMap((name, index) => {
        const rules = known.get(name);
        if (rules === undefined) {
          const place = [...PLACE, 'roles', role, 'may', index];
          invalid(place, `names no permission (there are: ${[...known.keys()].join(', ') || 'none'})`, problems);
        }
        return rules ?? [];
      }),
    })),
  };
}

function toRule(
  { servers = ['*'], tools = ['*'], arguments: wanted = {} }: RuleEntry,
  path: Path,
  problems: Problems,
): ToolRule {
  const rules = Object.entries(wanted).flatMap(
    ([name, is]) => toArgument(name, is, [...path, 'arguments', name], problems) ?? [],
  );
  return { servers, tools, arguments: rules };
}

type ValueEntry = NonNullable<RuleEntry['arguments']>[string];

function toArgument(name: string, entry: ValueEntry, path: Path, problems: Problems): ArgumentRule | undefined {
  if (name.startsWith('/') && !/^(\/([^~/]|~[01])*)+$/.test(name))
    invalid(
      path,
      'must be the name of an argument, or a JSON Pointer (RFC 6901) such as /options/path',
      problems,
      'key',
    );
  const is = toValue(entry, path, problems);
  return is && { path: name.startsWith('/') ? pointerTokens(name) : [name], is };
}

function toValue(entry: ValueEntry, path: Path, problems: Problems): ValueRule | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return toValues(entry, path, problems);
  const { pattern, within } = entry;
  if ((pattern === undefined) === (within === undefined)) invalid(path, 'needs either pattern or within', problems);
  if (pattern !== undefined) return toPattern(pattern, path, problems);
  return within === undefined ? undefined : toFolder(within, path, problems);
}

type Simple = string | number | boolean | null;

/** A star in a value is not any text, as it is in a name: for a path that would be a way out of its folder. */
function toValues(entry: Simple | Simple[], path: Path, problems: Problems): ValueRule {
  const values = Array.isArray(entry) ? entry : [entry];
  if (values.some((one) => typeof one === 'string' && one.includes('*')))
    invalid(path, 'is taken as it is, and has a *: use { within: /folder } for a path, or { pattern: … }', problems);
  return { kind: 'one-of', values };
}

function toPattern(pattern: string, path: Path, problems: Problems): ValueRule | undefined {
  try {
    const compiled = RE2JS.compile(pattern);
    return { kind: 'pattern', matches: (text) => compiled.matches(text) };
  } catch (error) {
    const place = [...path, 'pattern'];
    invalid(place, `is not a re2js pattern (no look-around, no back-references): ${messageOf(error)}`, problems);
    return undefined;
  }
}

function toFolder(within: string, path: Path, problems: Problems): ValueRule {
  if (/[\\*]/.test(within) || within.split('/').some((segment) => /^[. ]+$/.test(segment)))
    invalid([...path, 'within'], 'must be a folder such as /work, without "..", "\\" and "*"', problems);
  return { kind: 'within', folder: within.replace(/\/+$/, '') };
}

function invalid(path: Path, message: string, problems: Problems, at?: 'key'): void {
  problems.add({ code: 'CONFIG_INVALID', path, message, ...(at === undefined ? {} : { at }) });
}
