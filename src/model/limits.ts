/** How much a server may ask of us. Each is configurable per server; beyond it the answer is "could not check". */
export interface Limits {
  /** From starting the process or opening the connection to the end of the handshake. */
  readonly startMs: number;
  /** From a request to its whole answer. */
  readonly requestMs: number;
  /** One JSON-RPC message. */
  readonly maxMessageBytes: number;
  /** All pages of all lists of one observation together. */
  readonly maxListingBytes: number;
  /** Tools, prompts, resources and templates together. */
  readonly maxDefinitions: number;
  /** One definition; a larger one is recorded as malformed and held, and the others are still checked. */
  readonly maxDefinitionBytes: number;
  /** Pages of one list. */
  readonly maxPages: number;
  /** Levels of nesting in one definition; a deeper one is malformed and held, and the others are still checked. */
  readonly maxDepth: number;
}

/** The largest of 297 real listings was 2.1 MB with 401 tools, one definition 85 KB: the limits leave an order of magnitude. */
export const DEFAULT_LIMITS: Limits = {
  startMs: 60_000,
  requestMs: 30_000,
  maxMessageBytes: 16 * 1024 * 1024,
  maxListingBytes: 32 * 1024 * 1024,
  maxDefinitions: 5_000,
  maxDefinitionBytes: 1024 * 1024,
  maxPages: 1_000,
  maxDepth: 64,
};
