import type { Alerting } from '../model/alerting.js';
import type { Channel } from '../model/channel.js';
import type { Policy } from '../model/policy.js';
import type { CallLog, Clock, Judge, Logger, Observer, Random, Scanner, Store, Telemetry } from '../ports.js';

/** Everything the use cases need from outside. */
export interface MonitorDeps {
  readonly store: Store;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly random: Random;
  readonly scanner: Scanner;
  /** Where one is configured. */
  readonly judge?: Judge;
  readonly policy: Policy;
  readonly channels: readonly Channel[];
  readonly alerting: Alerting;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** What clients called through the gateway; `undefined` where nobody logs or reads it. */
  readonly callLog?: CallLog;
}

/** Returns a digest of all that looks for attacks: what was evaluated with another is evaluated again. */
export function rulesDigest({ scanner, judge }: Pick<MonitorDeps, 'scanner' | 'judge'>): string {
  return judge === undefined ? scanner.digest : `${scanner.digest} ${judge.digest}`;
}

/** Who asks. One until several identities can be configured. */
export const VANTAGE = 'default';
