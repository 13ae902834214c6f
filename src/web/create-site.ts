import type { Server } from '../model/server.js';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from '../model/session.js';
import type { ConsoleLink } from '../monitor/console-link.js';
import type { MonitorDeps } from '../monitor/deps.js';
import type { IdentityProvider } from '../ports.js';
import { inNetworks } from './networks.js';
import { createPendingSignIns } from './pending-sign-ins.js';
import { createRateLimit } from './rate-limit.js';
import type { Site } from './site.js';

/** A person mistypes a code now and then; 80 random bits stand against a machine, this keeps it from trying for free. */
const ENROL_ATTEMPTS = { limit: 10, windowMs: 10 * 60_000 };
/** Links that lead nowhere: a few old mails, not a search. */
const UNKNOWN_LINKS = { limit: 30, windowMs: 60_000 };
/** Begun and finished are two; several people may share an address. */
const SIGN_IN_ATTEMPTS = { limit: 60, windowMs: 10 * 60_000 };
/** A program that was left with an old token, not a search. */
const UNKNOWN_TOKENS = { limit: 30, windowMs: 60_000 };

export interface AppOptions {
  readonly servers: readonly Server[];
  readonly deps: MonitorDeps;
  /** Where people reach the pages, without a trailing slash. Its origin is the only one that may post. */
  readonly publicUrl: string;
  /** Names under which the service is reached besides; one without a port stands for every port. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks of proxies whose `X-Forwarded-…` is believed; none otherwise. */
  readonly trustedProxies?: readonly string[];
  /** `proxies`: of other machines only those may connect; anyone otherwise. */
  readonly reachedBy?: Site['reachedBy'];
  readonly identityProvider?: IdentityProvider | undefined;
  readonly consoleLink?: ConsoleLink | undefined;
  readonly sessionLimits?: SessionLimits;
}

/** Returns what the routes know about where and for what they run. */
export function createSite(options: AppOptions): Site {
  const { servers, deps } = options;
  const url = new URL(options.publicUrl);
  return {
    servers,
    deps,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    isSecure: url.protocol === 'https:',
    hosts: [url.host, ...options.allowedHosts].map((host) => host.toLowerCase()),
    isTrustedProxy: inNetworks(options.trustedProxies ?? []),
    reachedBy: options.reachedBy ?? 'anyone',
    identityProvider: options.identityProvider,
    // Where a provider says who somebody is, the console is no way around it.
    consoleLink: options.identityProvider === undefined ? options.consoleLink : undefined,
    sessionLimits: options.sessionLimits ?? DEFAULT_SESSION_LIMITS,
    pendingSignIns: createPendingSignIns(deps),
    enrolAttempts: createRateLimit(ENROL_ATTEMPTS, deps.clock),
    unknownLinks: createRateLimit(UNKNOWN_LINKS, deps.clock),
    signInAttempts: createRateLimit(SIGN_IN_ATTEMPTS, deps.clock),
    unknownTokens: createRateLimit(UNKNOWN_TOKENS, deps.clock),
  };
}
