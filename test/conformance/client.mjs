// The client that the conformance scenarios are run against: Sealwatch as it signs in to a server and lists it.
// Its command line is what @modelcontextprotocol/conformance gives: the address of the server.
import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { login } from '../../dist/mcp/login.js';
import { createObserver } from '../../dist/mcp/observer.js';
import { DEFAULT_LIMITS } from '../../dist/model/limits.js';
import { parseServerId } from '../../dist/model/server-id.js';
import { DEFAULT_TLS } from '../../dist/model/tls.js';
import { createStore, openStore } from '../../dist/store/open-store.js';
import { createVault } from '../../dist/store/vault.js';

const url = process.argv.at(-1);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');

const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
const random = { bytes: (count) => randomBytes(count) };
const connection = {
  kind: 'http',
  url,
  headers: {},
  transport: 'streamable-http',
  tls: DEFAULT_TLS,
  network: 'public',
  posture: { isRecorded: false, probes: [], minimumProtocol: '2025-06-18' },
  launch: undefined,
  oauth: scenario.startsWith('auth/') ? settings() : undefined,
};
const server = { id: parseServerId('tried'), connection, limits: DEFAULT_LIMITS, volatile: [], provenance: { url } };

const folder = mkdtempSync(join(tmpdir(), 'sealwatch-conformance-'));
await createStore(folder, { clock, random });
const store = await openStore(folder, { clock, random });
try {
  const vault = createVault(store, { keys: [randomBytes(32)], clock, random, folder });
  const signal = AbortSignal.timeout(150_000);
  // What a person does in a browser: these authorization servers ask nothing, and send the browser straight back.
  const onLink = (link) => void fetch(link);
  if (connection.oauth !== undefined)
    await login(server, connection, { clock, random, vault, clientVersion: '0.0.0', onLink, signal });
  const { pages } = await createObserver({ clock, clientVersion: '0.0.0', vault }).observe(server, signal);
  console.log(`${pages.length} pages`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true });
}

function settings() {
  const { client_id: clientId, client_secret: clientSecret, private_key_pem: pem } = context;
  const isService = scenario.startsWith('auth/client-credentials');
  return {
    clientId,
    clientSecret,
    privateKey: pem === undefined ? undefined : { pem: pkcs8(pem), algorithm: context.signing_algorithm },
    clientMetadataUrl: clientId === undefined ? 'https://conformance-test.local/client-metadata.json' : undefined,
    issuer: undefined,
    scope: undefined,
    grant: isService ? 'client_credentials' : 'authorization_code',
  };
}

function pkcs8(pem) {
  return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
}
