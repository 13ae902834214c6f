import { resolve } from 'node:path';

import type {
  Channel,
  EmailChannel,
  HttpTarget,
  PagerDutyChannel,
  StdoutChannel,
  SyslogChannel,
  WebhookChannel,
} from '../model/channel.js';
import type { Urgency } from '../model/drift.js';
import { quote } from '../quote.js';
import { isLoopback } from './is-loopback.js';
import { parseUrl } from './parse-url.js';
import type { Path, Problems } from './problems.js';
import { readPem } from './read-pem.js';
import type { ChatEntry, ConfigFile, EmailEntry, PagerDutyEntry, SyslogEntry, WebhookEntry } from './schema.js';

const SMTP_PORTS = { tls: 465, starttls: 587, none: 25 } as const;

/** RFC 5425, section 4.1, and the registered port of syslog over TCP. */
const SYSLOG_PORTS = { tls: 6514, none: 601 } as const;

/** A shorter key can be guessed from one message. */
const MIN_SECRET = 16;

const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

/** What every entry is read with. */
interface Place {
  readonly path: Path;
  /** The kind, which is the name where none is given. */
  readonly kind: string;
  /** Where relative paths start. */
  readonly folder: string;
  readonly problems: Problems;
}

/** Returns the channels that alerts go to. `folder` is where relative paths start. */
export function toChannels(notify: ConfigFile['notify'], folder: string, problems: Problems): readonly Channel[] {
  if (notify === undefined) return [];
  const each = <Entry>(
    kind: string,
    entries: Entry | readonly Entry[] | undefined,
    read: (entry: Entry, place: Place) => Channel,
  ): readonly (readonly [Channel, Path])[] => {
    const path = ['notify', kind];
    if (entries === undefined) return [];
    if (!isList(entries)) return [[read(entries, { path, kind, folder, problems }), path]];
    return entries.map((entry, index) => [
      read(entry, { path: [...path, index], kind, folder, problems }),
      [...path, index],
    ]);
  };
  const channels = [
    ...each('email', notify.email, toEmail),
    ...each('slack', notify.slack, (entry, place) => ({ kind: 'slack', ...toChat(entry, place) })),
    ...each('teams', notify.teams, (entry, place) => ({ kind: 'teams', ...toChat(entry, place) })),
    ...each('webhook', notify.webhook, toWebhook),
    ...each('pagerduty', notify.pagerduty, toPagerDuty),
    ...each('syslog', notify.syslog, toSyslog),
    ...each('stdout', notify.stdout === null ? {} : notify.stdout, toStdout),
  ];
  refuseEqualNames(channels, problems);
  return channels.map(([channel]) => channel);
}

function isList<Entry>(entries: Entry | readonly Entry[]): entries is readonly Entry[] {
  return Array.isArray(entries);
}

/** A delivery names its channel: with two of one name it would reach the wrong people. */
function refuseEqualNames(channels: readonly (readonly [Channel, Path])[], problems: Problems): void {
  channels.forEach(([{ name }, path], index) => {
    const earlier = channels.slice(0, index).find(([other]) => other.name === name);
    if (earlier === undefined) return;
    const message = `is called ${quote(name, 60)} like ${earlier[1].join('.')}: give it a name of its own`;
    problems.add({ code: 'CONFIG_INVALID', path, message, at: 'key' });
  });
}

function named(
  { name, minimumUrgency }: { readonly name?: string | undefined; readonly minimumUrgency?: Urgency | undefined },
  { path, kind, problems }: Place,
  fallback: Urgency = 'info',
): { readonly name: string; readonly minimumUrgency: Urgency } {
  if (name !== undefined && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))
    invalid(problems, [...path, 'name'], `must be lower-case letters, digits and -, is ${quote(name, 60)}`);
  return { name: name ?? kind, minimumUrgency: minimumUrgency ?? fallback };
}

function toChat(entry: ChatEntry, place: Place): { name: string; minimumUrgency: Urgency; target: HttpTarget } {
  return { ...named(entry, place), target: toTarget(entry, place) };
}

function toWebhook(entry: WebhookEntry, place: Place): WebhookChannel {
  // After variables are filled in: of a variable's name the length says nothing. The value is not repeated.
  if (entry.secret.length < MIN_SECRET)
    invalid(place.problems, [...place.path, 'secret'], `must have at least ${MIN_SECRET} characters`);
  return { kind: 'webhook', ...named(entry, place), target: toTarget(entry, place), secret: entry.secret };
}

function toPagerDuty(entry: PagerDutyEntry, place: Place): PagerDutyChannel {
  if (!/^[0-9A-Za-z]{32}$/.test(entry.routingKey))
    invalid(place.problems, [...place.path, 'routingKey'], 'must be an integration key of 32 letters and digits');
  const target = toTarget({ ...entry, url: entry.url ?? PAGERDUTY_URL }, place);
  return { kind: 'pagerduty', ...named(entry, place, 'high'), target, routingKey: entry.routingKey };
}

/** The address is not repeated in a message: it is a secret. */
function toTarget(entry: { readonly url: string; readonly ca?: string | undefined }, place: Place): HttpTarget {
  const url = parseUrl(entry.url);
  const path = [...place.path, 'url'];
  if (url?.username !== '' || url.password !== '') {
    invalid(place.problems, path, 'must be an https:// address without user and password');
  } else if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    invalid(place.problems, path, 'must start with https:// (http is for this machine only)');
  }
  return { url: entry.url, ca: toCa(entry.ca, [...place.path, 'ca'], place) };
}

function toSyslog(entry: SyslogEntry, place: Place): SyslogChannel {
  const { host, security = 'tls', port = SYSLOG_PORTS[security] } = entry;
  if (security === 'none' && !isLoopback(host)) {
    const message = 'none sends alerts readable over the network: use tls (none is for this machine only)';
    invalid(place.problems, [...place.path, 'security'], message);
  }
  const ca = toCa(entry.ca, [...place.path, 'ca'], place);
  return { kind: 'syslog', ...named(entry, place), host, port, security, ca };
}

function toStdout(entry: { readonly minimumUrgency?: Urgency | undefined }, place: Place): StdoutChannel {
  return { kind: 'stdout', ...named(entry, place) };
}

function toEmail(entry: EmailEntry, place: Place): EmailChannel {
  const { path, problems } = place;
  checkAddress(entry.from, [...path, 'from'], problems);
  for (const [index, address] of entry.to.entries()) checkAddress(address, [...path, 'to', index], problems);
  const { host, port, security = 'tls', user, password, ca } = entry.smtp;
  if (security === 'none' && !isLoopback(host)) {
    const message =
      'none sends mail and password readable over the network: use tls or starttls (none is for this machine only)';
    invalid(problems, [...path, 'smtp', 'security'], message);
  }
  if ((user === undefined) !== (password === undefined)) {
    const message = `has ${user === undefined ? 'a password but no user' : 'a user but no password'}`;
    problems.add({ code: 'CONFIG_INVALID', path: [...path, 'smtp'], message, at: 'key' });
  }
  const smtp = { host, port: port ?? SMTP_PORTS[security], security, user, password };
  const authority = toCa(ca, [...path, 'smtp', 'ca'], place);
  return { kind: 'email', ...named(entry, place), from: entry.from, to: entry.to, smtp: { ...smtp, ca: authority } };
}

function toCa(file: string | undefined, path: Path, { folder, problems }: Place): string | undefined {
  return file === undefined ? undefined : readPem(resolve(folder, file), path, problems);
}

/** An address with a line break could write headers of its own into a mail. */
function checkAddress(address: string, path: Path, problems: Problems): void {
  if (/^[^\s<>,;]+@[^\s<>,;]+$/.test(address)) return;
  if (/^[^\r\n<>]*<[^\s<>,;]+@[^\s<>,;]+>$/.test(address)) return;
  invalid(problems, path, 'must be a mail address such as security@example.com');
}

function invalid(problems: Problems, path: Path, message: string): void {
  problems.add({ code: 'CONFIG_INVALID', path, message });
}
