import { type JsonValue, stringMember } from '../model/json.js';
import { type Evidence, present, unknown } from '../model/package-facts.js';
import { quote } from '../quote.js';
import { type Answer, getBytes, noAnswer } from './get-bytes.js';
import { isLoopback, type OciReference } from './oci-reference.js';

/** The distribution specification asks registries to take manifests up to this, and clients to take them. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

const MAX_TOKEN_BYTES = 256 * 1024;

/** Indexes and manifests of OCI and of Docker: a registry that is not told them gives an older form under another digest. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Asks a registry about one repository, as nobody in particular. */
export interface OciRegistry {
  /** Returns the answer, whatever its status, to `manifests/<tag or digest>` and the like. */
  get(path: string): Promise<Evidence<Answer>>;
}

/** Returns the registry of an image. What it asks for before it answers (a token for reading) is fetched once. */
export function openRegistry({ api, name }: OciReference, signal: AbortSignal): OciRegistry {
  let token: string | undefined;
  const ask = async (url: URL): Promise<Evidence<Answer>> => {
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return await getBytes(url, {
      headers: { accept: ACCEPT, ...authorization },
      maxBytes: MAX_MANIFEST_BYTES,
      signal,
    });
  };
  return {
    get: async (path) => {
      const url = new URL(`${name}/${path}`, api);
      const first = await ask(url);
      if (first.kind !== 'present' || first.value.status !== 401 || token !== undefined) return first;
      const given = await fetchToken(first.value.header('www-authenticate') ?? '', { api, name, signal });
      if (given.kind !== 'present') return given;
      token = given.value;
      return await ask(url);
    },
  };
}

interface Asked extends Pick<OciReference, 'api' | 'name'> {
  readonly signal: AbortSignal;
}

/** `Bearer realm="https://auth.example/token",service="registry.example",scope="…"`; what is asked for is to read this repository. */
async function fetchToken(challenge: string, { api, name, signal }: Asked): Promise<Evidence<string>> {
  const realm = parameter(challenge, 'realm');
  if (!/^Bearer\s/i.test(challenge) || realm === undefined || !URL.canParse(realm))
    return unknown('the registry wants to know who asks');
  const url = new URL(realm);
  // Attack: a registry that sends the check to an address of this network.
  if (url.protocol !== 'https:' && !(isLoopback(url) && isLoopback(api)))
    return unknown(`the registry has its tokens at ${quote(url.origin, 120)}, which is not asked`);
  const service = parameter(challenge, 'service');
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${name}:pull`);
  const answer = await getBytes(url, { maxBytes: MAX_TOKEN_BYTES, signal });
  if (answer.kind !== 'present') return answer;
  if (answer.value.status !== 200) return noAnswer(url, answer.value.status);
  const token = tokenIn(answer.value.body);
  return token === undefined
    ? unknown('the registry gives no token to somebody who is nobody in particular')
    : present(token);
}

function parameter(challenge: string, name: string): string | undefined {
  return new RegExp(`[\\s,]${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
}

/** Only what can stand in a header. */
function tokenIn(body: Buffer): string | undefined {
  try {
    const answer = JSON.parse(body.toString('utf8')) as JsonValue;
    const token = stringMember(answer, 'token') ?? stringMember(answer, 'access_token');
    return token !== undefined && /^[\w.~+/=-]+$/.test(token) ? token : undefined;
  } catch {
    // A page, say: no token.
    return undefined;
  }
}
