import type { Grant } from './principal.js';

/** An OpenID Connect provider, and who has which role. */
export interface Provider {
  readonly issuer: string;
  readonly clientId: string;
  /** `undefined` for a public client. */
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  /** Name of the claim that roles are read from, or a path with dots. */
  readonly claim: string;
  readonly nameClaim: string | undefined;
  readonly roles: readonly { readonly value: string; readonly grant: Grant }[];
  /** Certificates of a private authority, PEM. */
  readonly ca: string | undefined;
}
