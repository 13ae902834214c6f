/** Gives names to the variables that stand for the secrets of a configuration. */
export interface VariableNames {
  /** Returns the wanted name where it stands for nothing else yet, else one that begins with the owner's. */
  nameFor(value: string, wanted: string, owner: string): string;
}

/** Returns names for variables; `env` are those that are set already, whose values are not to be taken by mistake. */
export function createVariableNames(env: Readonly<Record<string, string | undefined>>): VariableNames {
  const values = new Map<string, string>();
  const isFree = (name: string, value: string): boolean => {
    const taken = values.get(name) ?? (Object.hasOwn(env, name) ? env[name] : undefined);
    return taken === undefined || taken === value;
  };
  return {
    nameFor: (value, wanted, owner) => {
      const short = toVariable(wanted);
      const long = toVariable(`${owner}_${wanted}`.toUpperCase());
      for (let number = 0; ; number += 1) {
        const name = number === 0 ? short : number === 1 ? long : `${long}_${number}`;
        if (!isFree(name, value)) continue;
        values.set(name, value);
        return name;
      }
    },
  };
}

function toVariable(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  const plain = name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[A-Z]/.test(plain) ? plain : `_${plain}`;
}
