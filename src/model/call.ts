import type { VersionId } from './fingerprint.js';
import type { ServerId } from './server-id.js';

/** What a client asked the gateway for. */
export interface CallAsked {
  /** ISO 8601 */
  readonly at: string;
  readonly server: ServerId;
  /** Who asked: the subject of the access token, or `local`. */
  readonly subject: string;
  /** The client as it calls itself, quoted; `undefined` where it did not say. */
  readonly client: string | undefined;
  readonly kind: 'tool' | 'prompt' | 'resource' | 'resource-template' | 'malformed';
  readonly name: string;
  /** The version that it was held to; `undefined` where none is known by that name. */
  readonly version: VersionId | undefined;
  readonly decision: CallDecision;
  /** Why it was refused. */
  readonly code: string | undefined;
  /** JSON, without what is kept secret; a text where the call was refused and only its beginning is kept. */
  readonly parameters: string;
}

/** What became of it. */
export interface CallAnswered {
  /** ISO 8601 */
  readonly at: string;
  readonly outcome: CallOutcome;
  /** Why there was no result. */
  readonly code: string | undefined;
  readonly durationMs: number;
  /** Of the result as the server sent it, in bytes of UTF-8. */
  readonly bytes: number | undefined;
  /** SHA-256, hex, of the same. */
  readonly digest: string | undefined;
}

export const CALL_DECISIONS = ['passed', 'refused'] as const;

type CallDecision = (typeof CALL_DECISIONS)[number];

/**
 * `result` and `error` are what the server answered; `withheld` is a result that the client did not get; `cancelled` was called off by the
 * client; `failed` got no answer.
 */
type CallOutcome = 'result' | 'error' | 'withheld' | 'cancelled' | 'failed';

/** One call of the log; without an answer where it was refused, is still going on, or its process ended. */
export interface CallRecord extends CallAsked {
  readonly index: number;
  readonly answer: CallAnswered | undefined;
}

/** Which calls are asked for. */
export interface CallFilter {
  readonly server?: ServerId;
  readonly subject?: string;
  readonly decision?: CallDecision;
  /** In the name or the parameters, as it is. */
  readonly text?: string;
  /** At or after this moment, ISO 8601. */
  readonly since?: string;
  /** Before this moment. */
  readonly until?: string;
}

/** Whether the log of calls is whole. */
export type CallLogVerdict =
  | {
      readonly kind: 'intact';
      /** How many entries were ever written. */
      readonly size: number;
      /** How many of the oldest were removed by the policy on how long they are kept. */
      readonly forgotten: number;
      readonly rootHash: string;
      /** The newest signed tree head; `undefined` where nothing was ever written. */
      readonly checkpoint: string | undefined;
    }
  | { readonly kind: 'broken'; readonly problems: readonly string[] };

/** How the calls of clients are logged. */
export interface CallLogSettings {
  /** Calls that cannot be logged are refused; `false` logs none. */
  readonly isOn: boolean;
  readonly keepMs: number;
  readonly maxBytes: number;
  /** Names of members whose values are not written, beside those that are known to be secret. */
  readonly redact: readonly string[];
}

export const DEFAULT_CALL_LOG: CallLogSettings = {
  isOn: true,
  keepMs: 90 * 24 * 60 * 60_000,
  maxBytes: 1024 * 1024 * 1024,
  redact: [],
};
