import type { AddressInfo } from 'node:net';

import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  readonly mail: ParsedMail;
  readonly raw: string;
  readonly recipients: readonly string[];
  readonly encrypted: boolean;
  readonly user: string | undefined;
}

export interface Smtp {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  /** Logins that were tried. */
  readonly logins: readonly string[];
  close(): Promise<void>;
}

/** Starts a real mail server on a free port of this machine. */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<Smtp> {
  const received: ReceivedMail[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    logger: false,
    onAuth(auth, _session, callback) {
      logins.push(auth.username ?? '');
      if (auth.password === PASSWORD) callback(null, { user: auth.username });
      // A talkative server: it repeats what it was given.
      else callback(new Error(`no login for ${auth.username} with ${auth.password}`));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        void simpleParser(raw).then((mail) => {
          received.push({
            mail,
            raw: raw.toString('utf8'),
            recipients: session.envelope.rcptTo.map(({ address }) => address),
            encrypted: session.secure,
            user: session.user as string | undefined,
          });
          callback();
        });
      });
    },
    ...options,
  });
  // A client that does not trust our certificate ends the connection; that is no failure of the server.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    received,
    logins,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}

/** What the server takes. */
export const PASSWORD = 'korrekt-Pferd+Batterie';
