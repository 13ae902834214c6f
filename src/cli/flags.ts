/** Flags that every command takes. */
export interface GlobalFlags {
  readonly config: string | undefined;
  readonly stateDir: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly yes: boolean;
}

/** Returns the flags out of what commander parsed. */
export function toGlobalFlags(options: Readonly<Record<string, unknown>>): GlobalFlags {
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    config: text('config'),
    stateDir: text('stateDir'),
    json: options['json'] === true,
    quiet: options['quiet'] === true,
    color: options['color'] !== false,
    yes: options['yes'] === true,
  };
}
