import { describe, expect, test } from 'vitest';

import { clientAddress, forwarded } from '../../src/web/client-address.js';
import { createSite } from '../../src/web/create-site.js';
import { startSite } from './start-site.js';

/** A request as the listener sees it. */
function requestFrom(peer: string, headers: Readonly<Record<string, string>>): Parameters<typeof clientAddress>[0] {
  const incoming = { socket: { remoteAddress: peer, remotePort: 4711, remoteFamily: 'IPv4' } };
  return { env: { incoming }, req: { header: (name: string) => headers[name] } } as never;
}

function trusting(...trustedProxies: readonly string[]): ReturnType<typeof createSite> {
  return createSite({
    servers: [],
    deps: { clock: { monotonicMs: () => 0 } } as never,
    publicUrl: 'https://sealwatch.example.com',
    allowedHosts: [],
    trustedProxies,
  });
}

describe('for whom a request is counted', () => {
  test.each<readonly [string, readonly string[], string, string | undefined, string]>([
    ['without a proxy, whose connection it is', [], '198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['by a machine that is no proxy', ['10.0.0.5'], '10.0.0.6', '203.0.113.9', '10.0.0.6'],
    ['by the proxy', ['10.0.0.5'], '10.0.0.5', '203.0.113.9', '203.0.113.9'],
    ['by a proxy of the network', ['10.0.0.0/8'], '10.200.3.4', '203.0.113.9', '203.0.113.9'],
    ['by two proxies', ['10.0.0.0/8'], '10.0.0.5', '203.0.113.9, 10.0.0.9', '203.0.113.9'],
    ['with an address that the client made up', ['10.0.0.5'], '10.0.0.5', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
    ['with a proxy that the client made up', ['10.0.0.5'], '10.0.0.5', '10.0.0.5, 203.0.113.9', '203.0.113.9'],
    ['with nonsense', ['10.0.0.5'], '10.0.0.5', 'unknown', '10.0.0.5'],
    ['with nothing', ['10.0.0.5'], '10.0.0.5', undefined, '10.0.0.5'],
    ['with a port', ['10.0.0.5'], '10.0.0.5', '203.0.113.9:4711', '203.0.113.9'],
    ['by a proxy that is named in IPv6 clothes', ['10.0.0.5'], '::ffff:10.0.0.5', '203.0.113.9', '203.0.113.9'],
    ['over IPv6, the whole network of one host', ['::1'], '::1', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['over IPv6 with a port', ['::1'], '::1', '[2001:db8:1:2::9]:80', '2001:db8:1:2'],
  ])('%s', (_, trusted, peer, header, client) => {
    const headers = header === undefined ? {} : { 'x-forwarded-for': header };
    expect(clientAddress(requestFrom(peer, headers), trusting(...trusted))).toBe(client);
  });

  test('scheme and host of a proxy are believed, and of nobody else', () => {
    const headers = { 'x-forwarded-proto': 'http, https', 'x-forwarded-host': 'Sealwatch.example.com' };
    const site = trusting('10.0.0.5');
    expect(forwarded(requestFrom('10.0.0.5', headers), site, 'x-forwarded-proto')).toBe('https');
    expect(forwarded(requestFrom('10.0.0.5', headers), site, 'x-forwarded-host')).toBe('sealwatch.example.com');
    expect(forwarded(requestFrom('10.0.0.6', headers), site, 'x-forwarded-proto')).toBeUndefined();
  });
});

describe('over HTTP', () => {
  const publicUrl = 'https://sealwatch.example.com';
  const host = { host: 'sealwatch.example.com' };

  test('a client behind the proxy is slowed down, and its neighbour is not', async () => {
    const site = await startSite({ publicUrl, app: () => ({ trustedProxies: ['127.0.0.1'] }) });
    const open = async (client: string): Promise<number> =>
      (await site.get('/approve/guessed', { ...host, 'x-forwarded-for': client })).status;
    const statuses = [];
    for (let guess = 0; guess < 31; guess += 1) statuses.push(await open('203.0.113.9'));
    expect(statuses.at(-1)).toBe(429);
    expect(await open('203.0.113.10')).toBe(404);
    expect(await open('203.0.113.10, 203.0.113.9')).toBe(429);
    await site.close();
  });

  test('without a trusted proxy nobody gets a fresh count by naming another address', async () => {
    const site = await startSite({ publicUrl });
    const statuses = [];
    for (let guess = 0; guess < 31; guess += 1) {
      const headers = { ...host, 'x-forwarded-for': `203.0.113.${guess}`, forwarded: `for=203.0.113.${guess}` };
      statuses.push((await site.get('/approve/guessed', headers)).status);
    }
    expect(statuses.at(-1)).toBe(429);
    await site.close();
  });

  test('a foreign host is refused, also when somebody else than the proxy claims another', async () => {
    const site = await startSite({ publicUrl, allowedHosts: [] });
    const claimed = { host: 'evil.example', 'x-forwarded-host': 'sealwatch.example.com' };
    expect((await site.get('/sign-in', claimed)).status).toBe(421);
    await site.close();
  });

  test('what reached the proxy without TLS is refused, cookie or not', async () => {
    const site = await startSite({ publicUrl, app: () => ({ trustedProxies: ['127.0.0.1'] }) });
    const cookie = await site.as();
    expect((await site.get('/requests', { ...host, cookie, 'x-forwarded-proto': 'https' })).status).toBe(200);
    const plain = await site.get('/requests', { ...host, cookie, 'x-forwarded-proto': 'http' });
    expect([plain.status, plain.text.includes('Only over https')]).toEqual([403, true]);
    await site.close();
  });
});
