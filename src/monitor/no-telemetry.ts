import type { Telemetry } from '../ports.js';

/** Keeps nothing: for commands that end, and for tests. */
export const noTelemetry: Telemetry = {
  inspected: () => undefined,
  began: () => undefined,
  skipped: () => undefined,
  connections: () => undefined,
  delivered: () => undefined,
  decided: () => undefined,
  span: (_name, _attributes, action) => action(() => undefined),
  beat: () => undefined,
  firstRoundDone: () => undefined,
  missing: () => [],
  figures: () => undefined,
};
