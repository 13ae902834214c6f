import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** The state of one circuit of the gateway, as it is told. */
interface CircuitFigure {
  readonly server: string;
  readonly work: string;
  readonly state: 'closed' | 'half-open' | 'open';
}

const STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Returns what gives the figures of the gateway in Prometheus' text format. Labels hold ids and fixed words only. */
export function createGatewayMetrics(version: string, circuits: () => readonly CircuitFigure[]): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'sealwatch_build_info', help: 'The version that runs.', labelNames: ['version'], registers })
    .labels(version)
    .set(1);
  new Gauge({
    name: 'sealwatch_gateway_circuit',
    help: 'Whether a server is left alone because it fails: 0 no, 1 it is tried again, 2 yes.',
    labelNames: ['server', 'work'],
    registers,
    collect() {
      for (const { server, work, state } of circuits()) this.set({ server, work }, STATES[state]);
    },
  });
  return async () => `${(await registry.metrics()).trimEnd()}\n`;
}
