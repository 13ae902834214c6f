import type { Server } from '../model/server.js';

/** Shorter values are words such as `true` or `production`; hiding them would only garble messages. */
const MIN_SECRET_LENGTH = 8;

/**
 * Returns the text without the values that the configuration filled in: a server may print its token when it refuses it,
 * and what it printed is stored and sent with the error.
 */
export function hideSecrets(text: string, { connection }: Server): string {
  return hideAll(text, secretsOf(connection));
}

/** Returns the text without these values, as they are and as a URL, a form or JSON writes them. */
export function hideAll(text: string, secrets: readonly string[]): string {
  // The longest first: one may be part of another.
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return forms.reduce((shown, form) => shown.replaceAll(form, '[hidden]'), text);
}

function formsOf(secret: string): readonly string[] {
  const inForm = new URLSearchParams({ '': secret }).toString().slice(1);
  return [secret, encodeURIComponent(secret), inForm, JSON.stringify(secret).slice(1, -1)];
}

function secretsOf(connection: Server['connection']): readonly string[] {
  const values = Object.values(connection.launch?.env ?? {});
  const all = connection.kind === 'http' ? [...values, ...httpSecrets(connection)] : values;
  return all.filter((value) => value.length >= MIN_SECRET_LENGTH && !value.includes('{port}'));
}

function httpSecrets({ url, headers, oauth }: Extract<Server['connection'], { kind: 'http' }>): readonly string[] {
  // `Bearer token`: a server would print the token alone.
  const fromHeaders = [
    ...Object.values(headers).flatMap((value) => [value, ...value.split(' ')]),
    ...(oauth?.clientSecret === undefined ? [] : [oauth.clientSecret]),
  ];
  if (!URL.canParse(url)) return fromHeaders;
  const { password, searchParams } = new URL(url);
  return [...fromHeaders, password, ...searchParams.values()];
}
