import type { Config } from '../config/config.js';
import type { Server } from '../model/server.js';

/** Members whose values are secret wherever they stand; webhooks have theirs in the URL. */
const SECRET_MEMBER = /password|secret|token|key|authorization|headers|url|private/i;

/** Returns every value of a configuration that no log may show; a few that are not secret are among them. */
export function secretsOf({ servers, ...rest }: Config): readonly string[] {
  return [...servers.flatMap(secretsOfServer), ...secretsIn(rest, false)].flatMap((value) => [
    value,
    // `Bearer token`: whoever refuses it prints the token alone.
    ...value.split(' '),
  ]);
}

function secretsOfServer({ connection }: Server): readonly string[] {
  const inEnvironment = Object.values(connection.launch?.env ?? {});
  if (connection.kind === 'stdio') return inEnvironment;
  const { url, headers, oauth, tls } = connection;
  const inUrl = URL.canParse(url) ? [new URL(url).password, ...new URL(url).searchParams.values()] : [];
  const ours = [oauth?.clientSecret, tls.client?.key].filter((secret) => secret !== undefined);
  return [...inEnvironment, ...Object.values(headers), ...inUrl, ...ours];
}

function secretsIn(value: unknown, isSecret: boolean): readonly string[] {
  if (typeof value === 'string') return isSecret && !IS_PUBLIC.has(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'publicUrl' ? [] : secretsIn(member, isSecret || SECRET_MEMBER.test(name)),
  );
}

/** Words that stand under such members and are no secret. */
const IS_PUBLIC: ReadonlySet<string> = new Set(['http://localhost', 'https://localhost']);
