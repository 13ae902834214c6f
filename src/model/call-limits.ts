/** How much is called at most, in one of the views of a call. */
export interface CallRate {
  /** On average, in calls; so many may also come at once after a quiet minute. */
  readonly perMinute: number;
  /** Calls that wait for their answer. */
  readonly atOnce: number;
}

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
}

/** No agent that a person follows comes near; a loop that has gone wild does. */
export const DEFAULT_CALL_LIMITS: CallLimits = {
  subject: { perMinute: 1_200, atOnce: 64 },
  tool: { perMinute: 2_400, atOnce: 128 },
  server: { perMinute: 12_000, atOnce: 256 },
  timeoutMs: 600_000,
};
