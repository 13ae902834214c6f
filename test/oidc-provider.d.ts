/** The little of oidc-provider that the tests use; the package brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Account {
    readonly accountId: string;
    claims(): Readonly<Record<string, unknown>>;
  }

  interface TokenModel {
    find(value: string): Promise<{ readonly aud?: unknown; readonly scope?: string } | undefined>;
  }

  export class Provider {
    constructor(
      issuer: string,
      configuration: Readonly<Record<string, unknown>> & {
        readonly findAccount?: (context: unknown, id: string) => Account;
      },
    );
    callback(): RequestListener;
    readonly AccessToken: TokenModel;
    readonly ClientCredentials: TokenModel;
  }
}
