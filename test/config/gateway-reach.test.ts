import { describe, expect, test } from 'vitest';

import { load, refusal } from './world.js';

const AUTH = { issuer: 'https://login.example.com', allow: [{ scope: 'mcp:all' }] };
const TLS = { cert: 'gateway.pem', key: 'gateway.key' };
const URL = 'https://mcp.example.com';

function configuration(gateway: object): string {
  return JSON.stringify({ servers: {}, gateway });
}

describe('off this machine the gateway needs TLS, or a proxy that has it, and tokens', () => {
  test.each<[string, object, readonly string[]]>([
    [
      'nothing',
      { host: '0.0.0.0' },
      ['host: opens the gateway to other machines without https', 'host: opens the gateway'],
    ],
    [
      'every address of IPv6',
      { host: '::' },
      ['host: opens the gateway to other machines without https', 'host: opens'],
    ],
    [
      'an address of this network',
      { host: '192.168.1.7', auth: AUTH, publicUrl: URL },
      ['host: opens the gateway to other machines without https'],
    ],
    [
      'a name',
      { host: 'mcp.internal', auth: AUTH, publicUrl: URL },
      ['host: opens the gateway to other machines without https'],
    ],
    [
      'a name that only begins like this machine',
      { host: 'localhost.example.com', auth: AUTH, publicUrl: URL },
      ['host: opens the gateway to other machines without https'],
    ],
    [
      'an address that only begins like this machine',
      { host: '127.0.0.1.example.com', auth: AUTH, publicUrl: URL },
      ['host: opens the gateway to other machines without https'],
    ],
    [
      'TLS and no tokens',
      { host: '0.0.0.0', publicUrl: URL, tls: TLS },
      ['host: opens the gateway to other machines: set gateway.auth'],
    ],
    [
      'tokens in the clear',
      { host: '0.0.0.0', publicUrl: 'http://mcp.example.com', auth: AUTH, trustedProxies: ['10.0.0.5'] },
      ['publicUrl: must start with https://', 'host: opens the gateway to other machines without https'],
    ],
    [
      'a proxy that nobody named',
      { host: '0.0.0.0', publicUrl: URL, auth: AUTH },
      ['host: opens the gateway to other machines without https'],
    ],
    [
      'a proxy that is everybody',
      { host: '0.0.0.0', publicUrl: URL, auth: AUTH, trustedProxies: ['0.0.0.0/0'] },
      ['trustedProxies[0]: must be an address or a network'],
    ],
    [
      'a proxy on this machine, and no tokens',
      { publicUrl: URL, trustedProxies: ['127.0.0.1'] },
      ['publicUrl: opens the gateway to other machines: set gateway.auth'],
    ],
    [
      'tokens of an issuer in the clear',
      { host: '0.0.0.0', publicUrl: URL, tls: TLS, auth: { ...AUTH, issuer: 'http://login.example.com' } },
      ['auth.issuer: must be the https:// address'],
    ],
  ])('%s: refused', (_, gateway, problems) => {
    const [code, ...lines] = refusal(configuration(gateway));
    expect(code).toBe('CONFIG_INVALID');
    for (const problem of problems) expect(lines.join('\n')).toContain(`gateway.${problem}`);
  });

  test.each<[string, object]>([
    ['this machine', {}],
    ['this machine under another name', { host: '::1' }],
    ['TLS and tokens', { host: '0.0.0.0', publicUrl: URL, tls: TLS, auth: AUTH }],
    ['a proxy and tokens', { host: '0.0.0.0', publicUrl: URL, trustedProxies: ['10.0.0.5'], auth: AUTH }],
    ['a proxy on this machine, and tokens', { publicUrl: URL, trustedProxies: ['127.0.0.1'], auth: AUTH }],
  ])('%s: taken', (_, gateway) => {
    expect(load(configuration(gateway)).gateway.port).toBe(8471);
  });
});
