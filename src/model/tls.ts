/** RFC 7469: `sha256/` and the base64 of the SHA-256 of a public key (SubjectPublicKeyInfo, DER). */
export type Pin = `sha256/${string}`;

/** What is asked of an encrypted connection, besides a certificate that is valid for the name. */
export interface TlsRules {
  /** PEM of the authorities that are trusted in place of the known ones. */
  readonly ca: string | undefined;
  /** PEM of our own certificate with its chain, and of its key. */
  readonly client: { readonly cert: string; readonly key: string } | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** One certificate of the chain has to have one of these keys; empty where nothing is pinned. */
  readonly pins: readonly Pin[];
  /** The keys of the server and of its issuer are part of where it comes from, and are approved with it. */
  readonly isRecorded: boolean;
}

/** What a certificate chain says about who answers. */
export interface ShownCertificate {
  /** When the server's own certificate ends, ISO 8601. */
  readonly expiresAt: string | undefined;
  /** Of the server's own key, its issuer's key, and so on to the root. */
  readonly pins: readonly Pin[];
}

export const DEFAULT_TLS: TlsRules = {
  ca: undefined,
  client: undefined,
  minVersion: 'TLSv1.2',
  pins: [],
  isRecorded: false,
};
