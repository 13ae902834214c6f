import { SealwatchError } from '../errors.js';
import type { CircuitSettings } from '../model/call-limits.js';
import type { ServerId } from '../model/server-id.js';
import type { Clock, Logger } from '../ports.js';

/** What is done with a server; each fails for itself: one that lists and does not answer calls is no healthy server. */
export type Work = 'connect' | 'list' | 'call';

/** `half-open`: it is tried whether the server is there again. */
export type CircuitState = 'closed' | 'half-open' | 'open';

interface Circuit {
  /** One after the other. */
  failures: number;
  /** Monotonic; `undefined` where it is closed. */
  openUntil: number | undefined;
  isTrying: boolean;
}

/** What became of something done with a server. `neither` says nothing about it: who asked called it off. */
export type Verdict = 'success' | 'failure' | 'neither';

/** Leaves servers alone that fail, for all clients of the process: they need no more load, and nobody has to wait for them. */
export class Circuits {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #logger: Pick<Logger, 'info' | 'warn'>;
  readonly #circuits = new Map<string, { readonly server: ServerId; readonly work: Work; readonly circuit: Circuit }>();

  constructor({ clock, logger }: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Lets something be done with a server; tell what became of it, once.
   *
   * @throws {SealwatchError} `CIRCUIT_OPEN` while the server is left alone, or while somebody else tries it
   */
  enter(server: ServerId, work: Work, settings: CircuitSettings): (verdict: Verdict) => void {
    const circuit = this.#circuitOf(server, work);
    const state = this.#stateOf(circuit);
    if (state === 'open' || circuit.isTrying)
      throw new SealwatchError('CIRCUIT_OPEN', `${server}: ${work} failed ${circuit.failures} times in a row`);
    const isTry = state === 'half-open';
    circuit.isTrying = isTry;
    return (verdict) => {
      if (isTry) circuit.isTrying = false;
      if (verdict === 'success') this.#succeed(server, work, circuit);
      if (verdict === 'failure') this.#fail(server, work, circuit, settings);
    };
  }

  /** Returns the state of every circuit that was ever used. */
  states(): readonly { readonly server: ServerId; readonly work: Work; readonly state: CircuitState }[] {
    return Array.from(this.#circuits.values(), ({ server, work, circuit }) => {
      return { server, work, state: this.#stateOf(circuit) };
    });
  }

  #stateOf({ openUntil }: Circuit): CircuitState {
    if (openUntil === undefined) return 'closed';
    return this.#clock.monotonicMs() < openUntil ? 'open' : 'half-open';
  }

  #succeed(server: ServerId, work: Work, circuit: Circuit): void {
    if (circuit.openUntil !== undefined) this.#logger.info(`gateway: ${server} works again (${work})`);
    circuit.failures = 0;
    circuit.openUntil = undefined;
  }

  #fail(server: ServerId, work: Work, circuit: Circuit, { failures, openMs }: CircuitSettings): void {
    circuit.failures += 1;
    if (circuit.failures < failures) return;
    circuit.openUntil = this.#clock.monotonicMs() + openMs;
    const times = `${circuit.failures} times in a row`;
    this.#logger.warn(`gateway: ${server} failed ${times} (${work}) and is left alone for ${openMs / 1_000} s`);
  }

  #circuitOf(server: ServerId, work: Work): Circuit {
    const key = `${server} ${work}`;
    const known = this.#circuits.get(key)?.circuit;
    if (known !== undefined) return known;
    const circuit: Circuit = { failures: 0, openUntil: undefined, isTrying: false };
    this.#circuits.set(key, { server, work, circuit });
    return circuit;
  }
}
