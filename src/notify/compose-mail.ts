import { createHash } from 'node:crypto';

import type { SendMailOptions } from 'nodemailer';

import type { OutgoingAlert } from '../model/alert.js';
import type { EmailChannel } from '../model/channel.js';
import { alertSubjectLine } from '../render/alert-subject-line.js';
import { alertText } from './alert-text.js';
import { formatHtml } from './format-html.js';
import { formatText } from './format-text.js';

/** Returns one alert as a mail to one recipient, with text and HTML of the same content. */
export function composeMail(alert: OutgoingAlert, channel: EmailChannel): SendMailOptions {
  const { recipient } = alert;
  const domain = domainOf(channel.from);
  const thread = threadOf(alert);
  const text = alertText(alert);
  return {
    from: channel.from,
    // An object, not a string: a string would be parsed as a list of addresses.
    to: { name: '', address: recipient },
    subject: withoutEncodedWords(alertSubjectLine(alert)),
    date: new Date(alert.createdAt),
    messageId: `<${thread}.${digest(`${recipient}\n${alert.createdAt}`)}@${domain}>`,
    references: [`<${thread}@${domain}>`],
    inReplyTo: `<${thread}@${domain}>`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'List-Id': { prepared: true, value: `Sealwatch alerts <sealwatch.${domain}>` },
    },
    ...(alert.urgency === 'critical' ? { priority: 'high' as const } : {}),
    text: formatText(text),
    html: formatHtml(text),
  };
}

/**
 * Returns a subject that reads as it is. Attack: a tool named `=?utf-8?Q?…?=` is plain ASCII and passes every check, and the mail
 * program turns it into hidden characters and line breaks (RFC 2047, section 5). Such a subject is encoded as a whole.
 */
function withoutEncodedWords(subject: string): string {
  if (!subject.includes('=?')) return subject;
  const chunks = subject.match(/.{1,10}/gsu) ?? [];
  return chunks.map((chunk) => `=?UTF-8?B?${Buffer.from(chunk, 'utf8').toString('base64')}?=`).join(' ');
}

/**
 * Names what an alert is about. It is the root that a mail refers to, so that reminders of one request stand in one thread;
 * the mail's own id adds recipient and time, so that a delivery that is tried again is recognised as the same mail, and
 * two recipients behind one mailbox both keep theirs.
 */
function threadOf(alert: OutgoingAlert): string {
  const { subject } = alert;
  switch (subject.kind) {
    case 'change-request':
      return `request-${subject.request}-${digest(alert.view?.request.asked ?? '')}`;
    case 'unchecked':
    case 'unchecked-too-long':
      return `${subject.kind}-${subject.server}-${digest(subject.since)}`;
    case 'channel-failed':
      return `channel-failed-${digest(subject.channel)}`;
    case 'certificate-expires':
      return `certificate-${digest(`${subject.of} ${subject.expiresAt}`)}`;
    case 'digest':
      return `digest-${alert.createdAt.slice(0, 10)}`;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1]?.toLowerCase() ?? 'sealwatch.invalid';
}
