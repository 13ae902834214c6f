/** How clients are let in: with an access token of an authorization server. */
export interface GatewayAuth {
  readonly issuer: string;
  /** RFC 7518 names; asymmetric ones only. */
  readonly algorithms: readonly string[];
  /** What is not allowed here is refused. */
  readonly allow: readonly AccessRule[];
}

/** A token with the scope may use these tools and prompts of these servers; `*` stands for any text. */
export interface AccessRule {
  readonly scope: string;
  readonly servers: readonly string[];
  readonly tools: readonly string[];
}

/** Who asks, and what they may use. */
export interface Subject {
  /** Who it is, for sessions and logs. */
  readonly id: string;
  /** `undefined`: everything, on a gateway that only this machine reaches. */
  readonly rules: readonly AccessRule[] | undefined;
}
