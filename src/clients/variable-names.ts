/** Gives names to the variables that stand for the secrets of a configuration. */
export interface VariableNames {
  /** Returns a name that begins with its owner's and stands for nothing else. */
  nameFor(value: string, wanted: string, owner: string): string;
}

/**
 * Returns names for variables.
 *
 * @param env what is set already, whose values are not to be taken by mistake.
 * @param referenced names that entries read themselves. Attack: an entry reads the variable that the secret of another one, written
 * out in its file, would get; so none of them is given to a secret.
 */
export function createVariableNames(
  env: Readonly<Record<string, string | undefined>>,
  referenced: ReadonlySet<string>,
): VariableNames {
  const values = new Map<string, string>();
  const isFree = (name: string, value: string): boolean => {
    if (referenced.has(name)) return false;
    const taken = values.get(name) ?? (Object.hasOwn(env, name) ? env[name] : undefined);
    return taken === undefined || taken === value;
  };
  return {
    nameFor: (value, wanted, owner) => {
      const prefix = toVariable(owner);
      const own = toVariable(wanted);
      const long = `${prefix}_${own}`;
      const short = own.startsWith(`${prefix}_`) ? own : long;
      for (let number = 0; ; number += 1) {
        const name = number === 0 ? short : number === 1 ? long : `${long}_${number}`;
        if (!isFree(name, value)) continue;
        values.set(name, value);
        return name;
      }
    },
  };
}

/** Longer names only hide what follows them. */
const MAX_NAME = 64;

function toVariable(name: string): string {
  const plain = name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, MAX_NAME);
  return /^[A-Z]/.test(plain) ? plain : `_${plain}`;
}
