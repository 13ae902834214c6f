import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { messageOf } from '../errors.js';
import type { Channel, EmailChannel } from '../model/channel.js';
import { isLoopback } from './is-loopback.js';
import type { Path, Problems } from './problems.js';
import type { ConfigFile, EmailEntry } from './schema.js';

const SMTP_PORTS = { tls: 465, starttls: 587, none: 25 } as const;

/** Returns the channels that alerts go to. `folder` is where relative paths start. */
export function toChannels(notify: ConfigFile['notify'], folder: string, problems: Problems): readonly Channel[] {
  const channels: Channel[] = [];
  if (notify?.email !== undefined) channels.push(toEmail(notify.email, folder, problems));
  if (notify?.stdout !== undefined)
    channels.push({ kind: 'stdout', name: 'stdout', minimumUrgency: notify.stdout?.minimumUrgency ?? 'info' });
  return channels;
}

function toEmail(entry: EmailEntry, folder: string, problems: Problems): EmailChannel {
  const path = ['notify', 'email'];
  checkAddress(entry.from, [...path, 'from'], problems);
  for (const [index, address] of entry.to.entries()) checkAddress(address, [...path, 'to', index], problems);
  const { host, port, security = 'tls', user, password, ca } = entry.smtp;
  if (security === 'none' && !isLoopback(host)) {
    const message =
      'none sends mail and password readable over the network: use tls or starttls (none is for this machine only)';
    problems.add({ code: 'CONFIG_INVALID', path: [...path, 'smtp', 'security'], message });
  }
  if ((user === undefined) !== (password === undefined)) {
    const message = `has ${user === undefined ? 'a password but no user' : 'a user but no password'}`;
    problems.add({ code: 'CONFIG_INVALID', path: [...path, 'smtp'], message, at: 'key' });
  }
  return {
    kind: 'email',
    name: 'email',
    from: entry.from,
    to: entry.to,
    minimumUrgency: entry.minimumUrgency ?? 'high',
    smtp: {
      host,
      port: port ?? SMTP_PORTS[security],
      security,
      user,
      password,
      ca: ca === undefined ? undefined : readPem(resolve(folder, ca), [...path, 'smtp', 'ca'], problems),
    },
  };
}

/** An address with a line break could write headers of its own into a mail. */
function checkAddress(address: string, path: Path, problems: Problems): void {
  if (/^[^\s<>,;]+@[^\s<>,;]+$/.test(address)) return;
  if (/^[^\r\n<>]*<[^\s<>,;]+@[^\s<>,;]+>$/.test(address)) return;
  problems.add({ code: 'CONFIG_INVALID', path, message: 'must be a mail address such as security@example.com' });
}

function readPem(file: string, path: Path, problems: Problems): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    problems.add({ code: 'CONFIG_INVALID', path, message: `${file} holds no PEM certificate` });
  } catch (error) {
    problems.add({ code: 'CONFIG_UNREADABLE', path, message: `cannot read the certificate: ${messageOf(error)}` });
  }
  return undefined;
}
