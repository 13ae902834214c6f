import type { ServerId } from './server-id.js';

/** Names that another server's tools have, for the scan for shadowing. */
export interface Neighbour {
  readonly server: ServerId;
  readonly tools: readonly string[];
}
