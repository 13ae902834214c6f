import { codeOf } from '../errors.js';
import type { PostureLine } from '../model/posture.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Clock } from '../ports.js';
import { quote } from '../quote.js';
import { type Asker, line } from './posture-line.js';
import { readChain, type ReadChainOptions, type ServerChain } from './read-chain.js';

/** A certificate that lives so long still is nobody's hurry. */
const ENOUGH_MS = 14 * 24 * 60 * 60_000;

/** Returns what can be told of a server from its certificate, before anything is asked of it. */
export async function transportLines(
  url: URL,
  { tls }: HttpConnection,
  { limits }: Server,
  { asker, clock }: { readonly asker: Asker; readonly clock: Clock },
): Promise<readonly PostureLine[]> {
  const isTls = url.protocol === 'https:';
  const https = line('https', 'is reached over TLS only', isTls, quote(url.origin, 120));
  if (!isTls) return [https];
  const version = ['tls-version', 'speaks TLS 1.2 or newer'] as const;
  const chain = await asker.attempt(async () => {
    // What must not be connected to is not looked at either.
    const reach = asker.check(url);
    return await chainOrTooOld(url, { tls: { ...tls, minVersion: 'TLSv1.2' }, timeoutMs: limits.startMs, reach });
  });
  if ('why' in chain) return [https, line(...version, undefined, chain.why)];
  if (chain.value === 'too old') return [https, line(...version, false, 'it offers older ones only')];
  const { protocol, problem, certificates } = chain.value;
  const expiresAt = certificates[0]?.expiresAt;
  const left = expiresAt === undefined ? undefined : Date.parse(expiresAt) - clock.now().getTime();
  return [
    https,
    line(...version, /^TLSv1\.[23]$/.test(protocol), protocol),
    line(
      'certificate',
      'has a valid certificate',
      problem === undefined,
      problem === undefined ? 'valid' : quote(problem, 120),
    ),
    line(
      'certificate-life',
      'has a certificate for two weeks at least',
      left === undefined ? undefined : left > ENOUGH_MS,
      `until ${expiresAt ?? 'nobody can tell'}`,
    ),
  ];
}

async function chainOrTooOld(url: URL, options: ReadChainOptions): Promise<ServerChain | 'too old'> {
  try {
    return await readChain(url, options);
  } catch (error) {
    if (codeOf(error) === 'TLS_VERSION') return 'too old';
    throw error;
  }
}
