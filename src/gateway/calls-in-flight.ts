import type { Lifeline } from '../mcp/lifeline.js';
import type { Called } from './called.js';
import { callOffHeld, isHeld } from './call-off.js';
import { heldMeanwhile } from './errors.js';
import { inTime } from './in-time.js';
import type { Passed } from './record-call.js';

interface InFlight {
  readonly called: Called;
  readonly life: Lifeline;
}

/** The calls of one client that wait for a server's answer: each has its time, and can be called off, at the server too. */
export class CallsInFlight {
  readonly #calls = new Set<InFlight>();

  /** Makes a call; `action` ends when its lifeline does. */
  async run(
    called: Called,
    { life, timeoutMs }: { readonly life: Lifeline; readonly timeoutMs: number },
    action: (within: Lifeline) => Promise<Passed>,
  ): Promise<Passed> {
    return await inTime(life, timeoutMs, async (within) => {
      const call = { called, life: within };
      this.#calls.add(call);
      try {
        const passed = await action(within);
        // It was answered already, and its result was being read.
        return isHeld(within) ? { ...passed, outcome: HELD } : passed;
      } catch (error) {
        if (isHeld(within)) return { outcome: HELD, sent: undefined };
        throw error;
      } finally {
        this.#calls.delete(call);
      }
    });
  }

  /** Calls off those that may not be made any more. Where that cannot be told, their answers are refused when they come. */
  async callOffWhere(isOver: (called: Called) => Promise<boolean>): Promise<void> {
    for (const { called, life } of [...this.#calls]) if (await isOver(called).catch(() => false)) callOffHeld(life);
  }
}

const HELD = { kind: 'refusal', error: heldMeanwhile() } as const;
