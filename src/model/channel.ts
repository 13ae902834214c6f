import type { Urgency } from './drift.js';

/** A configured way for alerts to reach people; secrets are filled in, so this value is never stored or logged. */
export type Channel = EmailChannel | StdoutChannel;

export interface EmailChannel {
  readonly kind: 'email';
  /** The channel's name in records: `email`. */
  readonly name: string;
  readonly from: string;
  /** Each address gets a mail, and a link, of its own. */
  readonly to: readonly string[];
  readonly minimumUrgency: Urgency;
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    /** `tls` from the first byte, `starttls` required, or `none`, which is accepted for loopback hosts only. */
    readonly security: 'tls' | 'starttls' | 'none';
    readonly user: string | undefined;
    readonly password: string | undefined;
    /** PEM of a private certificate authority. */
    readonly ca: string | undefined;
  };
}

export interface StdoutChannel {
  readonly kind: 'stdout';
  readonly name: string;
  readonly minimumUrgency: Urgency;
}
