/** How we sign in to an HTTP server by OAuth 2.1. */
export interface OAuthSettings {
  /** `undefined`: we register ourselves (RFC 7591). */
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  /** PEM, PKCS #8: the client signs that it is itself instead of showing a secret (RFC 7523, private_key_jwt). */
  readonly privateKey: { readonly pem: string; readonly algorithm: string } | undefined;
  /** Where a document about us stands (client-ID metadata document); the client's id where the server takes such. */
  readonly clientMetadataUrl: string | undefined;
  /** The authorization server that knows the client; its secret is shown to no other. */
  readonly issuer: string | undefined;
  /** Separated by spaces; what the server asks for goes first. */
  readonly scope: string | undefined;
  /** A person signs in once, or the client signs in by itself. */
  readonly grant: 'authorization_code' | 'client_credentials';
}
