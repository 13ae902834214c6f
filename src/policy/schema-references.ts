import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import { pointerTokens } from '../model/pointer.js';
import { asSchemaObject, TEXT_KEYWORDS } from './schema-shape.js';

/** Follows the references within one schema document. */
export interface References {
  /** Returns a schema as an object, its local references replaced by what they name, with what stands beside them kept. */
  resolve(schema: JsonValue): JsonObject;
  /**
   * Whether every reference is a JSON Pointer into this document. Where it is not (an anchor, a dynamic reference, a base of its
   * own, another document), what is defined may be used in ways that are not seen here.
   */
  readonly areAllFollowed: boolean;
}

/** What is followed through more references than this is left as it is: it is a circle, or made to be one. */
const MAX_REFERENCES = 32;

/** Returns the references of a document. The same place resolves to the same object each time. */
export function referencesOf(root: JsonValue): References {
  const resolved = new WeakMap<JsonObject, JsonObject>();
  return {
    resolve: (schema) => {
      const start = asSchemaObject(schema);
      const known = resolved.get(start);
      if (known !== undefined) return known;
      const end = followAll(start, root);
      resolved.set(start, end);
      return end;
    },
    areAllFollowed: areAllFollowed(root, root, true),
  };
}

function followAll(start: JsonObject, root: JsonValue): JsonObject {
  let current = start;
  for (let followed = 0; followed < MAX_REFERENCES; followed++) {
    const reference = memberOf(current, '$ref');
    const target = typeof reference === 'string' ? follow(reference, root) : undefined;
    if (target === undefined) return current;
    current = joined(asSchemaObject(target), current);
  }
  return current;
}

/** A schema has a dozen keywords. One with thousands is not copied for each of the thousands of places that name it. */
const MAX_JOINED = 100;

/** A keyword on both sides asks for both: what is beside the reference does not take the place of what it names. */
function joined(target: JsonObject, referring: JsonObject): JsonObject {
  const beside = Object.entries(referring).filter(([keyword]) => keyword !== '$ref' && !TEXT_KEYWORDS.has(keyword));
  if (beside.length === 0) return target;
  const isSimple =
    Object.keys(target).length <= MAX_JOINED && !beside.some(([keyword]) => Object.hasOwn(target, keyword));
  if (isSimple) return { ...target, ...Object.fromEntries(beside) };
  return { allOf: [target, Object.fromEntries(beside)] };
}

function follow(reference: string, root: JsonValue): JsonValue | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  return pointerTokens(decode(reference.slice(1))).reduce<JsonValue | undefined>(
    (place, token) => (isJsonArray(place) ? itemOf(place, token) : memberOf(place, token)),
    root,
  );
}

function itemOf(items: readonly JsonValue[], token: string): JsonValue | undefined {
  return /^(?:0|[1-9]\d{0,8})$/.test(token) ? items[Number(token)] : undefined;
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    // Not percent-encoded after all: the fragment is taken as it stands.
    return fragment;
  }
}

const OTHER_REFERENCES = [
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveRef',
  '$recursiveAnchor',
  // A base address of its own below the root changes where pointers start.
  '$id',
];

function areAllFollowed(value: JsonValue, root: JsonValue, isRoot = false): boolean {
  if (isJsonArray(value)) return value.every((item) => areAllFollowed(item, root));
  if (!isJsonObject(value)) return true;
  const reference = memberOf(value, '$ref');
  if (typeof reference === 'string' && follow(reference, root) === undefined) return false;
  const isPlain = OTHER_REFERENCES.every((keyword) => {
    const held = memberOf(value, keyword);
    return held === undefined || isJsonObject(held) || (isRoot && keyword === '$id');
  });
  return isPlain && Object.values(value).every((member) => areAllFollowed(member, root));
}
