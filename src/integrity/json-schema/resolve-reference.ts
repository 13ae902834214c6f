import { isJsonArray, type JsonObject, type JsonValue, memberOf } from '../../model/json.js';
import type { CompiledSchema } from './compiled-schema.js';

/** Returns what a reference within a schema means; `undefined` where that is not within it. Nothing is ever fetched. */
export function resolveReference(
  ref: string,
  schema: JsonObject,
  { baseOf, named, root }: CompiledSchema,
): JsonValue | undefined {
  const base = baseOf.get(schema) ?? '';
  if (!URL.canParse(ref, base)) return undefined;
  const { href, hash } = new URL(ref, base);
  const document = href.slice(0, href.length - hash.length).replace(/#$/, '');
  const fragment = decoded(hash.slice(1));
  const resource = named.get(document) ?? (document === base ? root : undefined);
  if (fragment === '' || fragment === undefined) return resource;
  if (!fragment.startsWith('/')) return named.get(`${document}#${fragment}`);
  return resource === undefined ? undefined : valueAt(resource, fragment);
}

function decoded(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    // A reference that cannot be read leads nowhere.
    return undefined;
  }
}

/** RFC 6901. */
function valueAt(value: JsonValue, pointer: string): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const token of pointer.slice(1).split('/')) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    at = isJsonArray(at) ? at[/^\d+$/.test(name) ? Number(name) : -1] : memberOf(at, name);
    if (at === undefined) return undefined;
  }
  return at;
}
