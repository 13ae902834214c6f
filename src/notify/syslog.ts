import { connect as connectTcp, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';

import { messageOf, SealwatchError } from '../errors.js';
import type { SyslogChannel } from '../model/channel.js';
import type { Notifier } from '../ports.js';
import { quote } from '../quote.js';
import { syslogMessage } from './syslog-message.js';

/** A collector that takes nothing must not hold the queue up for long. */
const SEND_TIMEOUT_MS = 30_000;

/**
 * Returns a notifier that sends each alert as one RFC 5424 message over a connection of its own, counted in octets (RFC 6587,
 * section 3.4.1; RFC 5425).
 *
 * Syslog confirms nothing: an alert counts as delivered when the collector's system took all of it and closed after us without an error.
 */
export function createSyslogNotifier(channel: SyslogChannel): Notifier {
  return {
    channel: channel.name,
    send: async (alert, signal) => {
      const message = Buffer.from(syslogMessage(alert, { host: hostname(), processId: process.pid }), 'utf8');
      const frame = Buffer.concat([Buffer.from(`${message.length} `, 'ascii'), message]);
      try {
        await deliver(frame, channel, AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]));
      } catch (error) {
        const why = quote(messageOf(error), 200);
        throw new SealwatchError('NOTIFY_FAILED', `${channel.name}: ${channel.host}:${channel.port}: ${why}`);
      }
    },
  };
}

function deliver(frame: Buffer, channel: SyslogChannel, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open(channel);
    const stop = (): void => {
      socket.destroy(new Error('no answer in time'));
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', reject);
    socket.once('close', (hadError) => {
      signal.removeEventListener('abort', stop);
      if (!hadError) resolve();
    });
    socket.once(channel.security === 'tls' ? 'secureConnect' : 'connect', () => {
      socket.end(frame);
    });
    // What a collector says is of no use, but unread it would keep the connection from ending.
    socket.resume();
    if (signal.aborted) stop();
  });
}

function open({ host, port, security, ca }: SyslogChannel): Socket {
  if (security === 'none') return connectTcp({ host, port });
  const name = /^[\d.:]+$/.test(host) ? {} : { servername: host };
  return connectTls({ host, port, ...name, ...(ca === undefined ? {} : { ca }), minVersion: 'TLSv1.2' });
}
