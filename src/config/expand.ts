import type { Path, Problems } from './problems.js';

/** Values of variables, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns a value with `${VAR}` and `${VAR:-default}` filled in, in every string at any depth (keys stay as they are).
 * `${env:VAR}`, as some clients write it, is the same; `$${` stands for a literal `${`.
 *
 * A default stands in for a variable that is not set or empty; a variable that is set to nothing and has no default is empty.
 * Every variable that is missing is noted with its place: `CONFIG_VARIABLE_MISSING`.
 */
export function expand<Value>(value: Value, path: Path, environment: Environment, problems: Problems): Value {
  // Only strings change and they stay strings, so the shape is the same.
  return expandAny(value, path, environment, problems) as Value;
}

function expandAny(value: unknown, path: Path, environment: Environment, problems: Problems): unknown {
  if (typeof value === 'string') return expandText(value, path, environment, problems);
  if (Array.isArray(value)) return value.map((item, index) => expandAny(item, [...path, index], environment, problems));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(
    ([key, member]) => [key, expandAny(member, [...path, key], environment, problems)] as const,
  );
  return Object.fromEntries(members);
}

function expandText(text: string, path: Path, environment: Environment, problems: Problems): string {
  return text.replace(
    REFERENCE,
    (whole, escaped: string | undefined, name: string | undefined, fallback: string | undefined) => {
      if (escaped !== undefined) return '${';
      if (name === undefined) {
        const message =
          'cannot read a variable here: allowed are ${NAME} and ${NAME:-default}; write $${ for a literal ${';
        problems.add({ code: 'CONFIG_INVALID', path, message });
        return whole;
      }
      const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (value === undefined || value === '') {
        if (fallback !== undefined) return fallback;
        if (value === '') return '';
        const message = `the environment variable ${name} is not set: set it, or write \${${name}:-default}`;
        problems.add({ code: 'CONFIG_VARIABLE_MISSING', path, message });
      }
      return value ?? '';
    },
  );
}

const REFERENCE = /(\$\$\{)|\$\{(?:(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;
