import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.js';
import { type Pointer, pointerTokens } from '../model/pointer.js';

/**
 * Returns a value with others in some places; the same one where there are none. What has no new part is not copied. Places must be
 * there, and none lies within another.
 */
export function replaceValues(value: JsonValue, replacements: ReadonlyMap<Pointer, JsonValue>): JsonValue {
  const root: { value: JsonValue } = { value };
  const copies = new Set<unknown>();
  for (const [pointer, replacement] of replacements) {
    let holder: Record<string, JsonValue> = root;
    let name = 'value';
    for (const token of pointerTokens(pointer)) {
      const copy = copyOnce(holder[name] ?? null, copies);
      holder[name] = copy;
      [holder, name] = [copy, token];
    }
    holder[name] = replacement;
  }
  return root.value;
}

/** A member named `__proto__` is a member of the copy as well, so that it is set like any other. */
function copyOnce(value: JsonValue, copies: Set<unknown>): Record<string, JsonValue> {
  const holder = value as Record<string, JsonValue>;
  if (copies.has(value)) return holder;
  const copy = isJsonArray(value) ? Array.from(value) : isJsonObject(value) ? { ...value } : {};
  copies.add(copy);
  return copy as Record<string, JsonValue>;
}
