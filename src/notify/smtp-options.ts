import { isIPv4 } from 'node:net';

import type { SMTPTransportOptions } from 'nodemailer';

import { SealwatchError } from '../errors.js';
import type { EmailChannel } from '../model/channel.js';
import { quote } from '../quote.js';

const CONNECT_TIMEOUT_MS = 10_000;
const GREETING_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Returns how to reach a mail server.
 *
 * An approval link is worth as much as the channel it travels on, so encryption is never optional: with `starttls` a server
 * (or somebody in the path, RFC 3207 section 6) that does not offer it gets nothing, and `none` stays on this machine.
 *
 * @throws {SealwatchError} `NOTIFY_FAILED` for a plain connection to another machine.
 */
export function smtpOptions(smtp: EmailChannel['smtp']): SMTPTransportOptions {
  const { host, port, security, user, password, ca } = smtp;
  if (security === 'none' && !isLoopback(host)) {
    throw new SealwatchError('NOTIFY_FAILED', `plain SMTP is for loopback hosts only, not for ${quote(host)}`);
  }
  return {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
    socketTimeout: IDLE_TIMEOUT_MS,
    // The body is made of strings; nothing a server wrote may be taken for a path or URL to attach.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  };
}

function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  return ['localhost', '::1', '[::1]'].includes(host.toLowerCase());
}
