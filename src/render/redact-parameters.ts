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
  return JSON.stringify(redacted(parameters, (name) => isSecretName(name, names), 0));
}

function isSecretName(name: string, names: readonly string[]): boolean {
  const isOwn = names.length > 0 && names.some((one) => one.toLowerCase() === name.toLowerCase());
  return isOwn || (HAS_SIGN.test(name) && SECRET_NAME.test(wordsOf(name)));
}

/**
 * Returns the arguments of a call as they are shown to a person who has to allow it; `undefined` where something would be hidden for which
 * the tool has no place of its own.
 *
 * Attack: a command that looks like a secret, or is below the name of one, is hidden from whoever allows it, and runs all the same.
 *
 * @param schema the approved one: a secret may be in an argument that it names as one
 */
export function shownParameters(
  parameters: JsonValue,
  names: readonly string[],
  schema: JsonValue | undefined,
): string | undefined {
  const own = memberOf(schema, 'properties');
  const isOwnSecret = (name: string): boolean => memberOf(own, name) !== undefined && isSecretName(name, names);
  const others = isJsonObject(parameters)
    ? Object.fromEntries(Object.entries(parameters).filter(([name]) => !isOwnSecret(name)))
    : parameters;
  if (redactParameters(others, names) !== JSON.stringify(others)) return undefined;
  return redactParameters(parameters, names);
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
  return Object.fromEntries(members);
}
