import type { OpenUpstream } from '../mcp/open-upstream.js';
import type { MonitorDeps } from '../monitor/deps.js';
import type { CallLogSettings } from '../model/call.js';
import type { OutputChecker } from '../ports.js';
import type { CallCounter } from './call-counter.js';
import type { Circuits } from './circuits.js';

/** Everything the gateway needs from outside. */
export interface GatewayDeps extends MonitorDeps {
  readonly openUpstream: OpenUpstream;
  readonly outputs: OutputChecker;
  /** One for all clients of the process. */
  readonly calls: CallCounter;
  /** One for all clients of the process; `openUpstream` keeps to them. */
  readonly circuits: Circuits;
  /** Names of members whose values are not logged, beside those that are known to be secret. */
  readonly redact: CallLogSettings['redact'];
  /** Our own version, which clients are told. */
  readonly version: string;
  /** The page on which a person reads a request and decides; `undefined` where no pages are served. */
  readonly requestUrl: (request: number) => string | undefined;
  /** The page on which a person says whether a tool may be called. */
  readonly consentUrl: (id: string) => string;
}
