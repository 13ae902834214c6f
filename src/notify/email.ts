import { createTransport } from 'nodemailer';

import { messageOf, SealwatchError } from '../errors.js';
import type { EmailChannel } from '../model/channel.js';
import type { Notifier } from '../ports.js';
import { quote } from '../quote.js';
import { composeMail } from './compose-mail.js';
import { smtpOptions } from './smtp-options.js';

/** A server that answers one byte at a time never times out by inactivity; a delivery must end before its lease does. */
const SEND_TIMEOUT_MS = 60_000;

/** Returns a notifier that sends each alert as one mail to one recipient, over a connection of its own. */
export function createEmailNotifier(channel: EmailChannel): Notifier {
  return {
    channel: channel.name,
    send: async (alert, signal) => {
      const { host, port } = channel.smtp;
      try {
        const transport = createTransport(smtpOptions(channel.smtp));
        const until = AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
        await transport.sendMail({ ...composeMail(alert, channel), signal: until });
      } catch (error) {
        if (error instanceof SealwatchError) throw error;
        // No cause: the library's error holds the server's reply, which may repeat the login that it refused.
        throw new SealwatchError(
          'NOTIFY_FAILED',
          `mail to ${quote(alert.recipient)} over ${host}:${port} failed: ${describe(error, channel.smtp)}`,
        );
      }
    },
  };
}

function describe(error: unknown, smtp: EmailChannel['smtp']): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${quote(withoutSecrets(messageOf(error), smtp))}`;
}

/** Takes the password out, also in the forms in which AUTH PLAIN and AUTH LOGIN send it (RFC 4616): a server may echo them. */
function withoutSecrets(text: string, smtp: EmailChannel['smtp']): string {
  const { user, password } = smtp;
  if (password === undefined || password === '') return text;
  const login = `\0${user ?? ''}\0${password}`;
  const forms = [base64(login), base64(password), encodeURIComponent(password), JSON.stringify(password), password];
  return forms.reduce((rest, form) => rest.replaceAll(form, '[password]'), text);
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
