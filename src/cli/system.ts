import { randomBytes } from 'node:crypto';

import type { Clock, Random } from '../ports.js';

/** The clock of this machine. */
export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };

/** The random numbers of this machine. */
export const systemRandom: Random = { bytes: (count) => randomBytes(count) };
