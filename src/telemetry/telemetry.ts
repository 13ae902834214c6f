import type { Clock, Missing, Store, Telemetry } from '../ports.js';
import { createMetrics } from './metrics.js';
import type { Tracing } from './tracing.js';

/** Timers that have not fired for so long do not fire at all any more, or their process is stuck. */
const STALLED_MS = 10_000;

/** Returns what the running service tells about itself: figures, traces and whether it is ready. */
export function createTelemetry({
  store,
  clock,
  version,
  tracing,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly version: string;
  readonly tracing: Tracing;
}): Telemetry {
  const metrics = createMetrics(store, version);
  let lastBeatMs = Number.NEGATIVE_INFINITY;
  let isFirstRoundDone = false;
  return {
    ...metrics,
    span: tracing.span,
    beat: () => {
      lastBeatMs = clock.monotonicMs();
    },
    firstRoundDone: () => {
      isFirstRoundDone = true;
    },
    missing: () => {
      const missing: Missing[] = [];
      if (!isFirstRoundDone) missing.push('first-round');
      if (clock.monotonicMs() - lastBeatMs > STALLED_MS) missing.push('scheduler');
      return missing;
    },
  };
}
