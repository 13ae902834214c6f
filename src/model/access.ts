import type { JsonValue } from './json.js';

/** How clients are let in: with an access token of an authorization server. What no rule allows is refused. */
export interface GatewayAuth {
  readonly issuer: string;
  /** RFC 7518 names; asymmetric ones only. */
  readonly algorithms: readonly string[];
  /** Asks the authorization server about each token; `undefined`: tokens are JWTs that its keys have signed. */
  readonly introspection: Introspection | undefined;
  /** What a token may be used for by its scopes; `undefined` where scopes are not looked at. */
  readonly allow: readonly ScopeRule[] | undefined;
  /** What people may do by a claim of their token; `undefined` where it is not looked at. */
  readonly roles: RoleRules | undefined;
}

/** How the authorization server is asked about tokens (RFC 7662). */
export interface Introspection {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where it is asked, if its metadata does not say so. */
  readonly url: string | undefined;
  /** Its answer is believed for so long, and a token that was revoked works for as long. */
  readonly cacheMs: number;
}

/** Allows tools and prompts of servers; `*` stands for any text. */
export interface ToolRule {
  readonly servers: readonly string[];
  readonly tools: readonly string[];
  /** Every one has to hold; none: whatever the arguments are. */
  readonly arguments: readonly ArgumentRule[];
}

/** What a token with the scope may be used for. */
interface ScopeRule extends ToolRule {
  readonly scope: string;
}

/** What those may do in whose claim a value stands. */
export interface RoleRules {
  /** A name, or a path with dots. */
  readonly claim: string;
  readonly roles: readonly { readonly value: string; readonly rules: readonly ToolRule[] }[];
}

/** What one place in the arguments has to be; an argument that is absent, or of another type, is not. */
export interface ArgumentRule {
  /** Names of members from the outside; `*` stands for every item of a list that has some. */
  readonly path: readonly string[];
  readonly is: ValueRule;
}

export type ValueRule =
  | { readonly kind: 'one-of'; readonly values: readonly JsonValue[] }
  | { readonly kind: 'pattern'; readonly matches: (text: string) => boolean }
  /** A path below a folder that ends without a slash, or the folder itself. */
  | { readonly kind: 'within'; readonly folder: string };

/** Who asks, and what they may use. */
export interface Subject {
  /** Who it is, for sessions and logs. */
  readonly id: string;
  /** {@link Principal.id} of the same person on the pages; `undefined` where that cannot be told. */
  readonly person: string | undefined;
  /** `undefined`: everything, on a gateway that only this machine reaches. */
  readonly rights: Rights | undefined;
  /** What the challenge begins with that asks for another token; `undefined` where no token is asked for. */
  readonly challenge: string | undefined;
}

/** What somebody may use. Where both are looked at, both have to allow it: the one is about the client, the other about the person. */
export interface Rights {
  readonly scopes: { readonly held: readonly string[]; readonly rules: readonly ScopeRule[] } | undefined;
  readonly roles: readonly ToolRule[] | undefined;
}

/** Whoever reaches a gateway that only this machine reaches. */
export const LOCAL_SUBJECT: Subject = { id: 'local', person: undefined, rights: undefined, challenge: undefined };
