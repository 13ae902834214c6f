import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createTlsListener } from '../../src/cli/tls-listener.js';
import { codeOf, messageOf } from '../../src/errors.js';
import { makeCertificate } from '../make-certificate.js';

const folder = mkdtempSync(join(tmpdir(), 'sealwatch-tls-'));
const file = (name: string): string => join(folder, name);
const { cert, key } = makeCertificate({ ip: '127.0.0.1', expiresAt: new Date('2040-01-02T03:04:05Z') });

beforeAll(() => {
  writeFileSync(file('cert.pem'), cert);
  writeFileSync(file('key.pem'), key);
  writeFileSync(file('other-key.pem'), makeCertificate({ ip: '127.0.0.1' }).key);
  writeFileSync(file('nonsense.pem'), 'nonsense');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the listener', () => {
  const { listener, expiresAt } = (() => {
    writeFileSync(file('cert.pem'), cert);
    writeFileSync(file('key.pem'), key);
    return createTlsListener({ cert: file('cert.pem'), key: file('key.pem') }, {});
  })();
  beforeAll(() => new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => listener.close(resolve)));

  test.each<readonly [SecureVersion, string]>([
    ['TLSv1.3', 'TLSv1.3'],
    ['TLSv1.2', 'TLSv1.2'],
    ['TLSv1.1', 'refused'],
    ['TLSv1', 'refused'],
  ])('%s: %s', async (version, outcome) => {
    expect(await protocolWith(version)).toBe(outcome);
  });

  test('knows when its certificate ends', () => {
    expect(expiresAt).toBe('2040-01-02T03:04:05.000Z');
  });

  function protocolWith(version: SecureVersion): Promise<string> {
    const { port } = listener.address() as AddressInfo;
    return new Promise((resolve) => {
      // The client may use old versions and ciphers, so that it is the listener who refuses.
      const ciphers = 'DEFAULT@SECLEVEL=0';
      const options = { host: '127.0.0.1', port, ca: cert, minVersion: version, maxVersion: version, ciphers };
      const socket = connect(options, () => {
        resolve(socket.getProtocol() ?? 'none');
        socket.destroy();
      });
      socket.on('error', () => {
        resolve('refused');
      });
    });
  }
});

test.each([
  ['a key that is not the certificate’s', 'cert.pem', 'other-key.pem', 'CONFIG_INVALID', /cannot use .*cert\.pem with/],
  ['a certificate that is none', 'nonsense.pem', 'key.pem', 'CONFIG_INVALID', /cannot use .*nonsense\.pem with/],
  ['a key that is none', 'cert.pem', 'nonsense.pem', 'CONFIG_INVALID', /cannot use .*cert\.pem with/],
  ['a file that is not there', 'gone.pem', 'key.pem', 'CONFIG_UNREADABLE', /cannot read .*gone\.pem/],
])('%s is refused with the file to look at', (_, certFile, keyFile, code, message) => {
  try {
    createTlsListener({ cert: file(certFile), key: file(keyFile) }, {});
    expect.unreachable();
  } catch (error) {
    expect([codeOf(error), messageOf(error)]).toEqual([code, expect.stringMatching(message)]);
    expect(messageOf(error)).not.toContain('BEGIN');
  }
});
