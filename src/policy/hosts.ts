import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.js';

/** Names of metaschemas look like addresses, but nobody is sent there. */
const METASCHEMA_MEMBERS = new Set(['$schema', '$id']);

/** URLs of any scheme, and e-mail addresses; the host is what follows. A user part cannot hide it. */
const URL_HOST = /[a-z][a-z0-9+.-]*:\/\/(?:[^\s/?#"'<>`]*@)?(\[[0-9a-f:.]+\]|[^\s/?#:"'<>`\\)\]},;]+)/giu;
const MAIL_HOST = /[^\s@"'<>()[\],;:]+@((?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,})/giu;

/** Returns the hosts of URLs and e-mail addresses that the new document names and the old one does not, sorted. */
export function newHosts(before: JsonValue, after: JsonValue | undefined): readonly string[] {
  if (after === undefined) return [];
  const known = hostsIn(before);
  return [...hostsIn(after)].filter((host) => !known.has(host)).sort();
}

function hostsIn(document: JsonValue): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const text of textsIn(document)) {
    for (const pattern of [URL_HOST, MAIL_HOST]) {
      for (const [, host = ''] of text.matchAll(pattern)) hosts.add(host.toLowerCase().replace(/\.$/, ''));
    }
  }
  return hosts;
}

/** Returns every string and member name of a document, metaschema names left out. */
export function textsIn(document: JsonValue): readonly string[] {
  if (typeof document === 'string') return [document];
  if (isJsonArray(document)) return document.flatMap(textsIn);
  if (!isJsonObject(document)) return [];
  return Object.entries(document).flatMap(([name, value]) =>
    METASCHEMA_MEMBERS.has(name) && typeof value === 'string' ? [] : [name, ...textsIn(value)],
  );
}
