/** How we sign in to an HTTP server by OAuth 2.1. */
export interface OAuthSettings {
  /** `undefined`: we register ourselves (RFC 7591). */
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  /** The authorization server that knows the client; its secret is shown to no other. */
  readonly issuer: string | undefined;
  /** Separated by spaces; what the server asks for goes first. */
  readonly scope: string | undefined;
  /** A person signs in once, or the client signs in by itself. */
  readonly grant: 'authorization_code' | 'client_credentials';
}
