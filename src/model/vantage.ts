/** Another one than ourselves as whom a server is asked too, to see whether it shows everybody the same. */
export interface Vantage {
  /** Matches `[a-z0-9][a-z0-9-]{0,62}`. */
  readonly name: string;
  /** The name and version of the client that we say we are; our own where `undefined`. */
  readonly client: Client | undefined;
  /** `false` leaves out headers, tokens and our certificate. */
  readonly hasCredentials: boolean;
}

/** Who a client says that it is. */
export interface Client {
  readonly name: string;
  readonly version: string;
}
