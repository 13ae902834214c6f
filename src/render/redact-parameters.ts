import { isJsonArray, isJsonObject, type JsonValue, memberOf } from '../model/json.js';
import { maskSecrets } from './mask-secrets.js';

/** What stands in the place of a value that nobody writes down. */
const REDACTED = '[redacted]';

/** Deeper than this nobody reads, and no schema asks for. */
const MAX_DEPTH = 64;

/** Names that announce a secret, in one word or as its last part: `password`, `dbPassword`, `X-Api-Key`. */
const SECRET_NAME =
  /(?:^|[^a-z])(?:password|passwd|passphrase|pwd|secret|token|authorization|credentials?|cookie|private[_-]?key|api[_-]?key|access[_-]?key)s?$/i;

/** What {@link SECRET_NAME} needs; most names have none of it. */
const HAS_SIGN = /pass|pwd|secret|token|authori|credential|cookie|key/i;

/**
 * Returns the JSON text of parameters to be written down: values below names that announce a secret, and below the given ones, are left
 * out, and what looks like a secret in any text is masked.
 */
export function redactParameters(parameters: JsonValue, names: readonly string[]): string {
  return JSON.stringify(redacted(parameters, secretNames(names), 0));
}

/**
 * Returns whether {@link redactParameters} hides something that an approved schema does not announce: a secret of a call is the value of a
 * property that the schema lists under that very name. Without a schema nothing is announced.
 *
 * Attack: whoever is asked about a call sees none of what its caller has put below a secret's name, or made look like one.
 */
export function hidesUnannounced(
  parameters: JsonValue,
  names: readonly string[],
  schema: JsonValue | undefined,
): boolean {
  return hides(parameters, secretNames(names), schema, 0);
}

function secretNames(names: readonly string[]): (name: string) => boolean {
  const own = names.map((name) => name.toLowerCase());
  return (name) =>
    (own.length > 0 && own.includes(name.toLowerCase())) || (HAS_SIGN.test(name) && SECRET_NAME.test(wordsOf(name)));
}

/** `dbPassword` as `db-Password`. */
function wordsOf(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2');
}

function redacted(value: JsonValue, isSecret: (name: string) => boolean, depth: number): JsonValue {
  if (typeof value === 'string') return maskSecrets(value);
  if (depth >= MAX_DEPTH) return REDACTED;
  if (isJsonArray(value)) return value.map((one) => redacted(one, isSecret, depth + 1));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]): [string, JsonValue] => [
    maskSecrets(name),
    isSecret(name) ? REDACTED : redacted(member, isSecret, depth + 1),
  ]);
  // Attack: two names that are the same when they are masked, so that one takes the other's place.
  const isWhole = new Set(members.map(([name]) => name)).size === members.length;
  return isWhole ? Object.fromEntries(members) : members.map((member) => Object.fromEntries([member]));
}

function hides(
  value: JsonValue,
  isSecret: (name: string) => boolean,
  schema: JsonValue | undefined,
  depth: number,
): boolean {
  if (typeof value === 'string') return maskSecrets(value) !== value;
  if (depth >= MAX_DEPTH) return true;
  if (isJsonArray(value)) return value.some((one) => hides(one, isSecret, memberOf(schema, 'items'), depth + 1));
  if (!isJsonObject(value)) return false;
  const properties = memberOf(schema, 'properties');
  return Object.entries(value).some(([name, member]) => {
    const announced = memberOf(properties, name);
    if (isSecret(name)) return announced === undefined;
    return maskSecrets(name) !== name || hides(member, isSecret, announced, depth + 1);
  });
}
