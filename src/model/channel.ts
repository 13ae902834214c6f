import type { Urgency } from './drift.js';

/** A configured way for alerts to reach people; secrets are filled in, so this value is never stored or logged. */
export type Channel =
  | EmailChannel
  | SlackChannel
  | TeamsChannel
  | WebhookChannel
  | PagerDutyChannel
  | SyslogChannel
  | StdoutChannel;

interface AnyChannel {
  /** The channel's name in records: its kind, unless the configuration gives another. */
  readonly name: string;
  readonly minimumUrgency: Urgency;
}

export interface EmailChannel extends AnyChannel {
  readonly kind: 'email';
  readonly from: string;
  /** Each address gets a mail, and a link, of its own. */
  readonly to: readonly string[];
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

/** Where JSON is posted to. */
export interface HttpTarget {
  /** Whoever knows it may post: it is a secret. */
  readonly url: string;
  /** PEM of a private certificate authority. */
  readonly ca: string | undefined;
}

/** An incoming webhook of Slack. */
export interface SlackChannel extends AnyChannel {
  readonly kind: 'slack';
  readonly target: HttpTarget;
}

/** A webhook of Microsoft Teams (Workflows) that takes an adaptive card. */
export interface TeamsChannel extends AnyChannel {
  readonly kind: 'teams';
  readonly target: HttpTarget;
}

/** Anything that takes our JSON and checks our signature. */
export interface WebhookChannel extends AnyChannel {
  readonly kind: 'webhook';
  readonly target: HttpTarget;
  /** Key of the HMAC. */
  readonly secret: string;
}

/** A service of PagerDuty, by its Events API v2. */
export interface PagerDutyChannel extends AnyChannel {
  readonly kind: 'pagerduty';
  readonly target: HttpTarget;
  readonly routingKey: string;
}

/** A collector that takes RFC 5424 messages over TCP (RFC 6587) or TLS (RFC 5425). */
export interface SyslogChannel extends AnyChannel {
  readonly kind: 'syslog';
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'none';
  readonly ca: string | undefined;
}

export interface StdoutChannel extends AnyChannel {
  readonly kind: 'stdout';
}
