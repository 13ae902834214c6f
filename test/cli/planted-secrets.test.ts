import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { makeCertificate } from '../make-certificate.js';
import { SERVICE, startAuthorization, type Authorization } from '../mcp/start-authorization.js';
import { type Bench, createBench, HONEST } from './world.js';

const SECRETS = {
  header: 'planted-in-a-header-4711',
  query: 'planted-in-a-query-4712',
  environment: 'planted-in-the-environment-4713',
  webhook: 'planted-in-a-webhook-4714',
  mail: 'planted-in-the-mail-account-4715',
  client: SERVICE.clientSecret,
};

let bench: Bench;
let authorization: Authorization;
/** Lets us in, and repeats the token when it does not take it any more. */
let generous: Authorization;
// A server that says all it was told to whoever listens.
const echo = createServer((request, response) => {
  response.writeHead(403).end(`${request.url ?? ''} ${JSON.stringify(request.headers)}`);
});

beforeEach(async () => {
  bench = createBench();
  authorization = await startAuthorization({ echoes: true });
  authorization.revokeRefresh();
  generous = await startAuthorization();
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
afterEach(async () => {
  await authorization.close();
  await generous.close();
  echo.close();
  echo.closeAllConnections();
  bench.close();
});

test('no secret of the configuration is shown, logged, or stored in plain, whatever the servers repeat', async () => {
  const { port } = echo.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const certificate = makeCertificate({ subject: 'client' });
  writeFileSync(join(bench.folder, 'client.pem'), certificate.cert);
  writeFileSync(join(bench.folder, 'client.key'), certificate.key);
  bench.serve('github', [HONEST]);
  const ours = { clientId: SERVICE.clientId, clientSecret: SERVICE.clientSecret };
  const blabber = 'console.error(process.env.TOKEN); console.log(process.env.TOKEN); process.exit(1)';
  bench.configure([], {
    servers: {
      remote: {
        url: `${url}/mcp?key=${SECRETS.query}`,
        headers: { Authorization: `Bearer ${SECRETS.header}` },
        cert: 'client.pem',
        key: 'client.key',
      },
      local: { command: process.execPath, args: ['-e', blabber], env: { TOKEN: SECRETS.environment } },
      service: {
        url: authorization.url,
        oauth: {
          clientId: SERVICE.clientId,
          clientSecret: SERVICE.clientSecret,
          issuer: authorization.issuer,
          grant: 'client_credentials',
        },
      },
      signed: { url: generous.url, oauth: { ...ours, issuer: generous.issuer, grant: 'client_credentials' } },
    },
    notify: {
      stdout: {},
      webhook: { url: `${url}/${SECRETS.webhook}`, secret: 'planted-as-the-key-of-a-webhook' },
      email: {
        from: 'a@example.test',
        to: ['b@example.test'],
        smtp: { host: '127.0.0.1', port: 1, security: 'none', user: 'me', password: SECRETS.mail },
      },
    },
  });
  const debug = { SEALWATCH_DEBUG: '1' };
  const outputs: string[] = [];
  for (const line of [
    'init',
    'config check',
    'scan',
    'scan --json',
    'scan --sarif',
    'show remote',
    'show service --json',
    'posture --json',
    'posture --sarif',
    'history remote',
    'pending --json',
    'audit verify --json',
    'login service',
    'selftest',
  ]) {
    const { stdout, stderr } = await bench.sealwatchWith(debug, ...line.split(' '));
    outputs.push(`$ ${line}\n${stdout}${stderr}`);
    if (line === 'scan') generous.revokeAccess();
  }
  const service = bench.start('serve', '--log-format', 'json', '--port', '0');
  await service.until('could not');
  service.process.kill('SIGTERM');
  await service.ended;
  outputs.push(service.output());
  const stateDir = join(bench.folder, '.sealwatch');
  const stored = readdirSync(stateDir).map((file) => readFileSync(join(stateDir, file), 'latin1'));
  // They were really used, and repeated: otherwise this would prove nothing.
  expect(outputs.join('\n')).toContain('[hidden]');
  const keyLine = certificate.key.split('\n')[1] ?? '';
  const tokens = generous.issued();
  expect(tokens.length).toBeGreaterThan(1);
  const basic = Buffer.from(`${SERVICE.clientId}:${SERVICE.clientSecret}`).toString('base64');
  const found = [...Object.values(SECRETS), keyLine, basic, ...tokens].filter((secret) =>
    [...outputs, ...stored].some((text) => text.includes(secret)),
  );
  expect(found).toEqual([]);
  // A dozen commands and a service, on a machine that may have other things to do.
}, 180_000);
