import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { isReadableOnTheWay, type Reach } from '../../src/gateway/reach.js';
import { inNetworks } from '../../src/web/networks.js';
import { freePort } from '../wait.js';
import { createPrograms, type Programs } from './start-programs.js';

let programs: Programs | undefined;
afterEach(() => {
  programs?.close();
});

const BEHIND: Reach = { isTrustedProxy: inNetworks(['10.0.0.0/24', 'fd00::5']), reachedBy: 'proxies', isSecure: true };

test.each<[string, string, string | undefined, boolean]>([
  ['the proxy, over https', '10.0.0.5', 'https', false],
  ['the proxy, which says nothing', '10.0.0.5', undefined, false],
  ['the proxy in IPv6 clothes', '::ffff:10.0.0.5', 'https', false],
  ['the proxy over IPv6', 'fd00::5', 'https', false],
  ['the proxy, which took it in the clear', '10.0.0.5', 'http', true],
  ['two proxies, the last in the clear', '10.0.0.5', 'https, http', true],
  ['a machine beside the proxy', '10.0.1.5', undefined, true],
  ['a machine beside the proxy that says https', '10.0.1.5', 'https', true],
  ['this machine', '127.0.0.1', undefined, false],
  ['this machine over IPv6', '::1', undefined, false],
  ['nobody knows where', '', undefined, true],
])('behind a proxy, from %s', (_, remoteAddress, scheme, isReadable) => {
  const headers = scheme === undefined ? {} : { 'x-forwarded-proto': scheme };
  expect(isReadableOnTheWay({ socket: { remoteAddress }, headers } as unknown as IncomingMessage, BEHIND)).toBe(
    isReadable,
  );
});

test('with TLS of our own, anybody may connect', () => {
  const request = { socket: { remoteAddress: '10.0.1.5' }, headers: {} } as unknown as IncomingMessage;
  expect(isReadableOnTheWay(request, { ...BEHIND, reachedBy: 'anyone' })).toBe(false);
});

test('off this machine without TLS or a proxy the gateway does not begin to listen', async () => {
  const port = await freePort();
  programs = await createPrograms({ servers: {}, gateway: { host: '127.0.0.1', port } });
  programs.configure([], { servers: { a: { command: 'x' } }, gateway: { host: '0.0.0.0', port } });
  const { exitCode, stderr } = await programs.sealwatch('gateway');
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('opens the gateway to other machines without https')]);
  await expect(reached(port)).resolves.toBe('ECONNREFUSED');
});

async function reached(port: number): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve('open');
    }).once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? '');
    });
  });
}
