import type { SessionLimits } from '../model/session.js';
import type { Server } from '../model/server.js';
import type { ConsoleLink } from '../monitor/console-link.js';
import type { MonitorDeps } from '../monitor/deps.js';
import type { IdentityProvider } from '../ports.js';
import type { RateLimit } from './rate-limit.js';
import type { PendingSignIns } from './pending-sign-ins.js';

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
  /** Whose `X-Forwarded-…` is believed. */
  readonly isTrustedProxy: (address: string) => boolean;
  /** Other machines reach the pages only by a trusted proxy: what comes from elsewhere came without TLS. */
  readonly reachedBy: 'anyone' | 'proxies';
  /** Who knows people; `undefined` where none is configured. */
  readonly identityProvider: IdentityProvider | undefined;
  /** `undefined` where a provider is configured, or other machines reach the listener. */
  readonly consoleLink: ConsoleLink | undefined;
  readonly sessionLimits: SessionLimits;
  readonly pendingSignIns: PendingSignIns;
  readonly enrolAttempts: RateLimit;
  readonly unknownLinks: RateLimit;
  readonly signInAttempts: RateLimit;
  readonly unknownTokens: RateLimit;
}
