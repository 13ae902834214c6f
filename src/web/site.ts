import type { Server } from '../model/server.js';
import type { MonitorDeps } from '../monitor/deps.js';
import type { RateLimit } from './rate-limit.js';

/** What every route knows about where and for what it runs. */
export interface Site {
  readonly servers: readonly Server[];
  readonly deps: MonitorDeps;
  /** The only origin whose pages may post: `https://sealwatch.example.com`. */
  readonly origin: string;
  /** Path of the public URL, without a trailing slash; empty at the root of its host. */
  readonly basePath: string;
  readonly isSecure: boolean;
  /** Values of `Host` that are answered, lower-case. */
  readonly hosts: readonly string[];
  readonly enrolAttempts: RateLimit;
  readonly unknownLinks: RateLimit;
}
