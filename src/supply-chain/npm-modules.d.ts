/** What is used of npm's own modules, which come without types. */

declare module 'pacote' {
  export type Options = Readonly<Record<string, unknown>>;
  export function packument(spec: string, options: Options): Promise<unknown>;
  export function manifest(spec: string, options: Options): Promise<unknown>;
  export const tarball: {
    stream<Result>(
      spec: string,
      handler: (stream: AsyncIterable<Uint8Array>) => Promise<Result>,
      options: Options,
    ): Promise<Result>;
  };
  const pacote: { packument: typeof packument; manifest: typeof manifest; tarball: typeof tarball };
  export default pacote;
}

declare module 'npm-registry-fetch' {
  interface Fetch {
    json(path: string, options: Readonly<Record<string, unknown>>): Promise<unknown>;
    pickRegistry(spec: string, options: Readonly<Record<string, unknown>>): string;
  }
  const fetch: Fetch;
  export default fetch;
}

declare module '@npmcli/config' {
  export default class Config {
    constructor(options: Readonly<Record<string, unknown>>);
    load(): Promise<void>;
    readonly flat: Readonly<Record<string, unknown>>;
    readonly localPrefix: string;
  }
}

declare module '@npmcli/config/lib/definitions/index.js' {
  const definitions: Readonly<Record<'definitions' | 'shorthands' | 'flatten' | 'nerfDarts', unknown>>;
  export default definitions;
}

declare module '@npmcli/arborist' {
  export default class Arborist {
    constructor(options: Readonly<Record<string, unknown>>);
    reify(options: Readonly<Record<string, unknown>>): Promise<unknown>;
  }
}
