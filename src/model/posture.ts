/** One requirement of the MCP specification or the guides for HTTP servers, and whether a server meets it. */
export interface PostureLine {
  /** Stable, such as `pkce-s256`. */
  readonly id: string;
  readonly title: string;
  readonly status: PostureStatus;
  /** What was seen; text of the server is quoted. */
  readonly evidence: string;
}

type PostureStatus = 'met' | 'not met' | 'could not tell';

/**
 * What is tried only where it is asked for, since it does more than look: a request of a foreign web page and for a foreign host, tokens
 * that nobody issued, a registration, a code for an address that nobody registered, a token that was issued for another server.
 */
export const POSTURE_PROBES = [
  'foreign-origin',
  'forged-token',
  'registration',
  'foreign-redirect',
  'foreign-token',
] as const;

export type PostureProbe = (typeof POSTURE_PROBES)[number];

/** How the posture of one server is looked at. */
export interface PostureSettings {
  /** Whether it is looked at with every check, approved like a definition, and held where it changes. */
  readonly isRecorded: boolean;
  readonly probes: readonly PostureProbe[];
  /** The oldest revision of the protocol that is taken for good, such as `2025-06-18`. */
  readonly minimumProtocol: string;
}

/** The revision that made resource indicators and protected-resource metadata part of the protocol. */
export const DEFAULT_POSTURE: PostureSettings = { isRecorded: false, probes: [], minimumProtocol: '2025-06-18' };
