import type { ChangeClass } from '../model/drift.js';

/** One thing that a change may mean, and why. */
export interface Meaning {
  readonly class: ChangeClass;
  /** One sentence, server text quoted. */
  readonly because: string;
}
