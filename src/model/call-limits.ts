/** How much is called at most, in one of the views of a call. */
export interface CallRate {
  /** On average, in calls; so many may also come at once after a quiet minute. */
  readonly perMinute: number;
  /** Calls that wait for their answer. */
  readonly atOnce: number;
  /** Calls on one day (UTC), counted in the store; `undefined`: they are not counted. */
  readonly perDay?: number | undefined;
}

/** The views in which calls are counted. */
export const CALL_VIEWS = ['subject', 'tool', 'server'] as const;

export type CallView = (typeof CALL_VIEWS)[number];

/** What the gateway lets through to one server. */
export interface CallLimits {
  /** One subject, whatever it calls. */
  readonly subject: CallRate;
  /** One tool, whoever calls it. */
  readonly tool: CallRate;
  /** Everything. */
  readonly server: CallRate;
  /** A call that takes longer is called off, in milliseconds. */
  readonly timeoutMs: number;
  /** A call whose message is larger is not made. */
  readonly maxRequestBytes: number;
  /** An answer whose message is larger is kept back. */
  readonly maxResultBytes: number;
}

/** When calls to a server that fails are given up for a while. */
export interface CircuitSettings {
  /** So many failures one after the other open the circuit. */
  readonly failures: number;
  /** After so long it is tried once whether the server is there again, in milliseconds. */
  readonly openMs: number;
}

export const DEFAULT_CIRCUIT: CircuitSettings = { failures: 5, openMs: 30_000 };

/** No agent that a person follows comes near; a loop that has gone wild does. */
export const DEFAULT_CALL_LIMITS: CallLimits = {
  subject: { perMinute: 1_200, atOnce: 64 },
  tool: { perMinute: 2_400, atOnce: 128 },
  server: { perMinute: 12_000, atOnce: 256 },
  timeoutMs: 600_000,
  // What one message of a client over HTTP, and one of a server, may have at all.
  maxRequestBytes: 8 * 1024 * 1024,
  maxResultBytes: 16 * 1024 * 1024,
};
