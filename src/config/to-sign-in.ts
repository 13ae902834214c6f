import { resolve } from 'node:path';

import { SealwatchError } from '../errors.js';
import { EVERY_SERVER } from '../model/principal.js';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from '../model/session.js';
import { quote } from '../quote.js';
import type { SignInConfig } from './config.js';
import { isLoopback } from './is-loopback.js';
import { parseDuration } from './parse-schedule.js';
import { parseUrl } from './parse-url.js';
import type { Problems } from './problems.js';
import { readPem } from './read-pem.js';
import type { SignInEntry } from './schema.js';

/** What says who somebody is, and their name and address (OpenID Connect Core 1.0, section 5.4). */
const SCOPES = ['openid', 'profile', 'email'];

/** As most providers call it. */
const DEFAULT_CLAIM = 'groups';

/** Returns how people sign in; `folder` is where relative paths start. */
export function toSignIn(entry: SignInEntry | undefined, folder: string, problems: Problems): SignInConfig | undefined {
  if (entry === undefined) return undefined;
  checkIssuer(entry.issuer, problems);
  const { issuer, clientId, clientSecret, scopes = [], claim = DEFAULT_CLAIM, nameClaim, roles, ca } = entry;
  return {
    issuer,
    clientId,
    clientSecret,
    scopes: [...new Set([...SCOPES, ...scopes])],
    claim,
    nameClaim,
    roles: roles.map(({ value, role, servers = EVERY_SERVER }) => ({ value, grant: { role, servers } })),
    ca: ca === undefined ? undefined : readPem(resolve(folder, ca), ['signIn', 'ca'], problems),
    session: toLimits(entry.session, problems),
  };
}

function checkIssuer(issuer: string, problems: Problems): void {
  const url = parseUrl(issuer);
  const refuse = (message: string): void => {
    problems.add({ code: 'CONFIG_INVALID', path: ['signIn', 'issuer'], message });
  };
  if (url?.username !== '' || url.search !== '' || url.hash !== '') {
    refuse(
      `must be the https:// address of the provider, such as https://login.example.com/realms/staff, is ${quote(issuer, 120)}`,
    );
  } else if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    refuse(
      'must start with https://: over http anybody on the way could say who you are (http is for this machine only)',
    );
  }
}

function toLimits(entry: SignInEntry['session'], problems: Problems): SessionLimits {
  const idleMs = toMs('idle', entry?.idle, DEFAULT_SESSION_LIMITS.idleMs, problems);
  const absoluteMs = toMs('absolute', entry?.absolute, DEFAULT_SESSION_LIMITS.absoluteMs, problems);
  // Only one of the two was written: the other default gives way.
  if (idleMs <= absoluteMs || entry?.idle === undefined) return { idleMs: Math.min(idleMs, absoluteMs), absoluteMs };
  problems.add({
    code: 'CONFIG_INVALID',
    path: ['signIn', 'session', 'idle'],
    message: 'is longer than signIn.session.absolute (24h unless set), after which a session ends in any case',
  });
  return { idleMs, absoluteMs };
}

function toMs(key: 'idle' | 'absolute', text: string | undefined, fallback: number, problems: Problems): number {
  if (text === undefined) return fallback;
  const parse = (): number => {
    const ms = parseDuration(text);
    if (ms < MINIMUM_MS) throw new SealwatchError('CONFIG_INVALID', 'must be at least 1m: nobody could work with less');
    return ms;
  };
  return problems.attempt(['signIn', 'session', key], parse) ?? fallback;
}

const MINIMUM_MS = 60_000;
