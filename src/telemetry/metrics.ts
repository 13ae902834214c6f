import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import { URGENCIES } from '../model/drift.js';
import type { Store, Telemetry } from '../ports.js';

type Metrics = Pick<Telemetry, 'inspected' | 'began' | 'skipped' | 'connections' | 'delivered' | 'decided' | 'figures'>;

/** Seconds, from a listing of a local server to one that runs into its time limits. */
const DURATION_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const LATENESS_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Returns the figures of one service, in a registry of their own. Names, labels and units are those of Prometheus; labels hold
 * ids and fixed words only, never text from a server.
 */
export function createMetrics(store: Store, version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const count = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name: `sealwatch_${name}`, help, labelNames, registers });
  const seconds = (name: string, help: string, buckets: readonly number[]): Histogram =>
    new Histogram({ name: `sealwatch_${name}`, help, buckets: [...buckets], registers });

  const inspections = count('inspections_total', 'Inspections that ended, by what they came to.', [
    'server',
    'outcome',
  ]);
  const duration = seconds('inspection_duration_seconds', 'How long an inspection took.', DURATION_BUCKETS);
  const lateness = seconds('run_lateness_seconds', 'How long after its moment a planned run began.', LATENESS_BUCKETS);
  const skipped = count('runs_skipped_total', 'Planned runs that were left out.', ['why']);
  const deliveries = count('deliveries_total', 'Messages by channel, and what became of them.', ['channel', 'outcome']);
  const decisions = count('decisions_total', 'Decisions of people.', ['decision', 'how']);
  const connections = new Gauge({ name: 'sealwatch_connections', help: 'Connections that stay open.', registers });
  new Gauge({ name: 'sealwatch_build_info', help: 'The version that runs.', labelNames: ['version'], registers })
    .labels(version)
    .set(1);
  gaugesOfStore(store, registers);
  return {
    inspected: ({ server, outcome, durationMs }) => {
      inspections.inc({ server, outcome });
      duration.observe(durationMs / 1000);
    },
    began: ({ lateMs }) => {
      lateness.observe(lateMs / 1000);
    },
    skipped: ({ why }) => {
      skipped.inc({ why });
    },
    connections: (change) => {
      connections.inc(change);
    },
    delivered: ({ channel, outcome }) => {
      deliveries.inc({ channel, outcome });
    },
    decided: ({ decision, how }) => {
      decisions.inc({ decision, how });
    },
    // Prometheus' text format wants the last line ended too.
    figures: async () => `${(await registry.metrics()).trimEnd()}\n`,
  };
}

/** What is in the store is read when somebody asks, so that it is right also after a restart. */
function gaugesOfStore(store: Store, registers: Registry[]): void {
  new Gauge({
    name: 'sealwatch_open_requests',
    help: 'Changes that wait for a decision, by urgency.',
    labelNames: ['urgency'],
    registers,
    async collect() {
      const open = await store.listRequests({ states: ['open'] });
      for (const urgency of URGENCIES) this.set({ urgency }, open.filter((one) => one.urgency === urgency).length);
    },
  });
  new Gauge({
    name: 'sealwatch_unchecked_servers',
    help: 'Servers that could not be checked when they were last asked.',
    registers,
    async collect() {
      const checks = await store.listChecks();
      this.set(checks.filter(({ outage }) => outage !== undefined).length);
    },
  });
  new Gauge({
    name: 'sealwatch_deliveries',
    help: 'Alerts that wait to be sent, and those that were given up.',
    labelNames: ['state'],
    registers,
    async collect() {
      const { waiting, dead } = await store.countDeliveries();
      this.set({ state: 'waiting' }, waiting);
      this.set({ state: 'dead' }, dead);
    },
  });
}
