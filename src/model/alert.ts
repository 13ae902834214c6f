import type { ErrorCode } from '../errors.js';
import type { ChangeRequest } from './change-request.js';
import type { Urgency } from './drift.js';
import type { VersionId } from './fingerprint.js';
import type { ServerId } from './server-id.js';

/** What an alert is about. */
export type AlertSubject =
  /** `occasion`: absent for the first time, else why it is told again. */
  | { readonly kind: 'change-request'; readonly request: number; readonly occasion?: 'reminder' | 'escalation' }
  /** Several alerts in one message; only ever made when it is sent. */
  | { readonly kind: 'digest' }
  | {
      readonly kind: 'unchecked';
      readonly server: ServerId;
      readonly since: string;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly kind: 'unchecked-too-long'; readonly server: ServerId; readonly since: string }
  | { readonly kind: 'channel-failed'; readonly channel: string; readonly message: string }
  /** `of` is a server's id, or `serve` for the certificate of our own pages. */
  | { readonly kind: 'certificate-expires'; readonly of: string; readonly expiresAt: string };

/** An alert to be stored with the inspection that causes it. The request of a `change-request` is the one it opens. */
export interface NewAlert {
  readonly subject: NewSubject;
  readonly urgency: Urgency;
  /** Two alerts with one key are one alert. */
  readonly dedupKey: string;
  /** The channel names and recipients that it goes to: one delivery each. */
  readonly to: readonly Destination[];
}

/** `request` absent: the one that the inspection opens. */
export type NewSubject =
  | Exclude<AlertSubject, { kind: 'change-request' | 'digest' }>
  | { readonly kind: 'change-request'; readonly request?: number; readonly occasion?: 'reminder' | 'escalation' };

export interface Destination {
  readonly channel: string;
  /** An address within the channel; empty where the channel has none. */
  readonly recipient: string;
  /** Not sent before, ISO 8601: quiet hours, the time of the digest. Absent: at once. */
  readonly notBefore?: string;
  /** Whether it goes out together with the others that are due for the same recipient. */
  readonly inDigest?: boolean;
}

/** One alert on its way to one recipient, kept until it was sent. */
export interface Delivery {
  readonly id: number;
  readonly channel: string;
  readonly recipient: string;
  readonly inDigest: boolean;
  readonly subject: AlertSubject;
  readonly urgency: Urgency;
  readonly createdAt: string;
  /** Attempts made so far. */
  readonly attempts: number;
}

/** A delivery as people see it. */
export interface DeliveryRecord extends Delivery {
  readonly state: 'waiting' | 'sent' | 'dead';
  readonly nextAttemptAt: string;
  readonly sentAt: string | undefined;
  /** Of the newest failure; quoted. */
  readonly message: string | undefined;
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
  /** For a digest: what it gathers, most urgent first. */
  readonly items?: readonly OutgoingAlert[];
  /** Where people see everything that waits; `undefined` where no page is served. */
  readonly inbox?: string;
}
