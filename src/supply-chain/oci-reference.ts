import type { LaunchIdentity } from '../policy/launch-identity.js';

/** An image as its registry knows it. */
export interface OciReference {
  /** As a command would name it: `ghcr.io`, `localhost:5000`, `docker.io`. */
  readonly host: string;
  /** Where it is asked. */
  readonly api: URL;
  /** `library/alpine` */
  readonly name: string;
  readonly tag: string;
  /** Where the command names one, that counts and not the tag. */
  readonly digest: string | undefined;
}

/**
 * Returns what `docker run` takes an image name for: the part before the first `/` is a registry where it has a dot or a port, or is
 * `localhost`; Docker Hub is meant otherwise. Without TLS only this machine is asked. `undefined`: it is no name of an image.
 */
export function readReference({ repository, tag, digest }: Image): OciReference | undefined {
  const { host, path } = splitHost(repository);
  if (!NAME.test(path) || !HOST.test(host) || !URL.canParse(`https://${host}/v2/`)) return undefined;
  const api = new URL(`https://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2/`);
  if (isLoopback(api)) api.protocol = 'http:';
  return { host, api, name: path, tag: tag ?? 'latest', digest };
}

type Image = Extract<LaunchIdentity, { kind: 'image' }>;

/** Whether a name says itself which registry it is of: podman looks others up in its configuration. */
export function namesRegistry({ repository }: Image): boolean {
  const [first, ...rest] = repository.split('/');
  return rest.length > 0 && (/[.:]/.test(first ?? '') || first === 'localhost');
}

/** Whether an address is of this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

const HOST = /^(?:[a-z0-9.-]+|\[::1\])(?::\d+)?$/i;

/** Of the distribution specification. */
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

function splitHost(repository: string): { readonly host: string; readonly path: string } {
  const [, first = '', rest = ''] = /^([^/]+)\/(.+)$/.exec(repository) ?? [];
  const isHost = /[.:]/.test(first) || first === 'localhost';
  const host = isHost ? first : 'docker.io';
  const path = isHost ? rest : repository;
  if (host !== 'docker.io' && host !== 'index.docker.io') return { host, path };
  return { host: 'docker.io', path: path.includes('/') ? path : `library/${path}` };
}
