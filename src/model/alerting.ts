import type { ChangeClass, Urgency } from './drift.js';

/** Whom an alert reaches, and when. */
export interface Alerting {
  /** The first route that matches decides; where none does, every channel is told from its own minimum urgency on. */
  readonly routes: readonly Route[];
  /** When gathered alerts go out. */
  readonly digest: TimeOfDay;
  /** These go out at once, the others in the digest. */
  readonly atOnce: readonly Urgency[];
  /** Meanwhile only critical alerts are sent; the others wait for its end. */
  readonly quietHours: { readonly from: TimeOfDay; readonly to: TimeOfDay } | undefined;
  /** A request that still waits is told again after so long, each time; `undefined` for never. */
  readonly remindAfterMs: number | undefined;
  /** A request that still waits is told to others after so long, once. */
  readonly escalation: { readonly afterMs: number; readonly channels: readonly string[] } | undefined;
  /** A certificate that ends within so long is an alert. */
  readonly certificateWarningMs: number;
}

/** What has to be so for alerts to go to these channels. Absent conditions hold. */
export interface Route {
  /** Ids with `*` for any characters. */
  readonly servers: readonly string[] | undefined;
  /** Every one of these labels has this value. */
  readonly labels: Readonly<Record<string, string>>;
  readonly classes: readonly ChangeClass[] | undefined;
  readonly minimumUrgency: Urgency | undefined;
  /** Names of channels; none: nobody is told. */
  readonly channels: readonly string[];
}

/** A time on the clock of a time zone. */
export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  /** IANA name; `undefined` is that of the machine. */
  readonly timeZone: string | undefined;
}

export const DEFAULT_ALERTING: Alerting = {
  routes: [],
  digest: { hour: 8, minute: 0, timeZone: undefined },
  atOnce: ['critical', 'high'],
  quietHours: undefined,
  remindAfterMs: 24 * 60 * 60_000,
  escalation: undefined,
  certificateWarningMs: 14 * 24 * 60 * 60_000,
};
