import type { Principal } from './principal.js';

/** How long a session lasts. */
export interface SessionLimits {
  /** A session that nobody used for so long is over. */
  readonly idleMs: number;
  /** It ends then, used or not. */
  readonly absoluteMs: number;
}

/** A working day, and a day. */
export const DEFAULT_SESSION_LIMITS: SessionLimits = { idleMs: 8 * 60 * 60_000, absoluteMs: 24 * 60 * 60_000 };

/** A token for the JSON API, without anything secret. */
export interface ApiToken {
  readonly name: string;
  readonly principal: Principal;
  readonly addedAt: string;
  readonly addedBy: string;
  readonly expiresAt: string;
}
