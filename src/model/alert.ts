import type { ErrorCode } from '../errors.js';
import type { ChangeRequest } from './change-request.js';
import type { Urgency } from './drift.js';
import type { VersionId } from './fingerprint.js';
import type { ServerId } from './server-id.js';

/** What an alert is about. */
export type AlertSubject =
  | { readonly kind: 'change-request'; readonly request: number }
  | {
      readonly kind: 'unchecked';
      readonly server: ServerId;
      readonly since: string;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly kind: 'unchecked-too-long'; readonly server: ServerId; readonly since: string }
  | { readonly kind: 'channel-failed'; readonly channel: string; readonly message: string };

/** An alert to be stored with the inspection that causes it. The request of a `change-request` is the one it opens. */
export interface NewAlert {
  readonly subject: Exclude<AlertSubject, { kind: 'change-request' }> | { readonly kind: 'change-request' };
  readonly urgency: Urgency;
  /** Two alerts with one key are one alert. */
  readonly dedupKey: string;
  /** The channel names and recipients that it goes to: one delivery each. */
  readonly to: readonly Destination[];
}

export interface Destination {
  readonly channel: string;
  /** An address within the channel; empty where the channel has none. */
  readonly recipient: string;
}

/** One alert on its way to one recipient, kept until it was sent. */
export interface Delivery extends Destination {
  readonly id: number;
  readonly subject: AlertSubject;
  readonly urgency: Urgency;
  readonly createdAt: string;
  /** Attempts made so far. */
  readonly attempts: number;
}

/** A request with the texts that a reader needs to see the change. */
export interface RequestView {
  readonly request: ChangeRequest;
  /** RFC 8785 form (or the text as sent, where malformed) of every version the request names. */
  readonly contents: ReadonlyMap<VersionId, string>;
}

/** What a channel gets to send. */
export interface OutgoingAlert {
  readonly subject: AlertSubject;
  readonly urgency: Urgency;
  readonly createdAt: string;
  readonly recipient: string;
  /** For a change request. */
  readonly view: RequestView | undefined;
  /** Opens the approval page for this recipient; `undefined` where no page is served. */
  readonly link: string | undefined;
  /** Until when the link works, ISO 8601. */
  readonly linkExpiresAt?: string;
}
