import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.js';

/**
 * Returns the hosts of URLs and e-mail addresses, and the bare host names, that the new document names and the old one does
 * not, sorted. Hosts are compared, not whole URLs: another path on a known host is not another destination.
 *
 * The time is linear in the length: every address is looked for in a window of bounded size around what marks one, because a
 * hostile text is made to keep a backtracking pattern busy for hours.
 */
export function newHosts(before: JsonValue | undefined, after: JsonValue | undefined): readonly string[] {
  const known = hostsIn(before);
  return [...hostsIn(after)].filter((host) => !known.has(host)).sort();
}

function hostsIn(document: JsonValue | undefined): ReadonlySet<string> {
  const hosts = new Set<string>();
  visit(document, undefined, (text) => {
    for (const host of [...urlHosts(text), ...mailHosts(text), ...bareHosts(text)]) {
      hosts.add(host.toLowerCase().replace(/\.$/, ''));
    }
  });
  return hosts;
}

/** The name of a metaschema looks like an address, but nobody is sent there; any other host in its place is one. */
const METASCHEMA = /^https?:\/\/json-schema\.org\//;

function visit(value: JsonValue | undefined, member: string | undefined, onText: (text: string) => void): void {
  if (typeof value === 'string') {
    if (!((member === '$schema' || member === '$id') && METASCHEMA.test(value))) onText(value);
  } else if (isJsonArray(value)) for (const item of value) visit(item, undefined, onText);
  else if (isJsonObject(value)) {
    for (const [name, item] of Object.entries(value)) {
      onText(name);
      visit(item, name, onText);
    }
  }
}

/** The longest host name has 253 characters (RFC 1035, section 2.3.4); twice that leaves room for a user part in front. */
const WINDOW = 512;

function urlHosts(text: string): readonly string[] {
  return placesOf(text, '://').flatMap((at) => {
    if (!/[a-z0-9+.-]/i.test(text[at - 1] ?? '')) return [];
    const authority = /^[^\s/?#"'<>`\\]*/.exec(text.slice(at + 3, at + 3 + WINDOW))?.[0] ?? '';
    // What stands before the last "@" is a user name, made to look like the host (RFC 3986, section 7.6).
    const host = /^(?:\[[0-9a-f:.]+\]|[^:)\]},;]+)/i.exec(authority.slice(authority.lastIndexOf('@') + 1))?.[0];
    return host === undefined ? [] : [host];
  });
}

function mailHosts(text: string): readonly string[] {
  return placesOf(text, '@').flatMap((at) => {
    if (!/[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]/u.test(text[at - 1] ?? '')) return [];
    const host = /^(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}/u.exec(text.slice(at + 1, at + 1 + WINDOW))?.[0];
    return host === undefined ? [] : [host];
  });
}

/**
 * Endings that make a dotted word a host name. Those that are also endings of files (`md`, `py`, `rs`) or words as code and
 * hurried prose have after a full stop (`info`, `link`, `page`, `is`, `to`) are left out, unless the word begins with `www.`.
 */
const ENDINGS =
  'com|net|org|edu|gov|mil|biz|xyz|io|ai|app|dev|cloud|co|cc|tk|ml|ga|cf|gq|pw|ws|onion|example|ru|su|cn|de|uk|eu|fr|jp|kr|nl|pl|ch|ir|' +
  'in|br|au|ca|es|se|no|be|cz|at|me|us|top|site|online|shop|club|live|store|tech|icu|vip|fun|buzz|space|website|press|click';
const BARE_HOST = new RegExp(
  String.raw`^(?:www\..+|(?:[\p{Script=Latin}\p{N}_-]{1,63}\.){1,9}(?:${ENDINGS}|xn--[a-z0-9-]{1,59}))$`,
  'iu',
);
const ADDRESS = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;

/** "Send it to collect.evil.com" names a destination too, and so does an IPv4 address. */
function bareHosts(text: string): readonly string[] {
  return (text.match(/[\p{Script=Latin}\p{N}_.-]+/gu) ?? [])
    .filter((word) => word.length <= 253 && word.includes('.'))
    .map((word) => word.replace(/^\.+|\.+$/g, ''))
    .filter((word) => BARE_HOST.test(word) || ADDRESS.test(word));
}

function placesOf(text: string, mark: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) places.push(at);
  return places;
}
