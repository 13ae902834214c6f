/**
 * Deeper documents are neither read nor written, whatever the configuration says, so that a hostile one cannot exhaust
 * the stack. Of 10,258 real tools the deepest has 25 levels.
 */
export const MAX_DEPTH = 1_000;
