import fetch from 'npm-registry-fetch';
import pacote from 'pacote';
import semver from 'semver';

import { SealwatchError } from '../errors.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.js';
import { contradicts, type Evidence, unknown, unreached } from '../model/package-facts.js';
import type { NpmOptions } from './npm-options.js';

/** More than that is no server. */
const MAX_TARBALL_BYTES = 256 * 1024 * 1024;

/** Attack: a registry that names a version or a tarball which npm takes for a repository or a folder, and starts git or scripts for. */
const ONLY_REGISTRIES = {
  allowDirectory: 'none',
  allowFile: 'none',
  allowGit: 'none',
  ignoreScripts: true,
  // What pacote would start to prepare a repository: there is no such file.
  npmBin: '/nonexistent/npm',
};

/** One package at the registry that npm is configured for. What was asked once is not asked again. */
export class NpmRegistry {
  readonly #name: string;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(name: string, { flat }: NpmOptions) {
    this.#name = name;
    this.#options = { ...flat, ...ONLY_REGISTRIES, fullMetadata: true, packumentCache: new Map() };
  }

  /** The address that npm takes packages of this scope from. */
  get address(): URL {
    return new URL(fetch.pickRegistry(this.#name, this.#options));
  }

  /** The keys that npm was told for this registry. */
  get configuredKeys(): JsonValue | undefined {
    const { host, pathname } = this.address;
    const keys = this.#options[`//${host}${pathname.replace(/\/?$/, '/')}:_keys`];
    return keys as JsonValue | undefined;
  }

  /** @throws what pacote throws; see {@link whyNot}. */
  async packument(): Promise<JsonObject> {
    return toObject(await pacote.packument(this.#name, this.#options));
  }

  /** Returns the entry that npm would install for a range or tag: its choice goes by versions and tags, never by times. */
  async manifest(requested: string | undefined): Promise<JsonObject> {
    const spec = requested === undefined ? this.#name : `${this.#name}@${requested}`;
    return toObject(await pacote.manifest(spec, this.#options));
  }

  /** Returns the entry of another package, from the registry that npm would take that from. Only of registries: npm fetches nothing else here. */
  async manifestOf(spec: string): Promise<JsonObject> {
    if (!isOfRegistry(spec)) throw new SealwatchError('PACKAGE_UNREADABLE', 'a dependency is of no registry');
    return toObject(await pacote.manifest(spec, { ...this.#options, fullMetadata: false }));
  }

  /** Checks the registry's signatures of a version, with the keys given. */
  async verifySignatures(version: string, keys: JsonValue): Promise<void> {
    if (semver.valid(version) === null) throw new SealwatchError('PACKAGE_UNREADABLE', 'it has no version number');
    const { host, pathname } = this.address;
    const known = { [`//${host}${pathname}:_keys`]: keys };
    await pacote.manifest(`${this.#name}@${version}`, { ...this.#options, ...known, verifySignatures: true });
  }

  /** Returns the bytes at an address, which are those that the integrity names. */
  async tarball(address: string, integrity: string): Promise<Uint8Array> {
    if (!/^https?:\/\//i.test(address))
      throw new SealwatchError('PACKAGE_UNREADABLE', 'its tarball has no address of HTTP');
    return await pacote.tarball.stream(address, collect, { ...this.#options, integrity });
  }

  /** Asks the registry of this package, and not the one that others are taken from. */
  async json(path: string, options: Readonly<Record<string, unknown>> = {}): Promise<JsonValue> {
    return (await fetch.json(path, { ...this.#options, ...options, spec: this.#name })) as JsonValue;
  }
}

/** Attack: a dependency on `git+ssh://…` or `file:…` would have programs started and files read. `npm:other@1` is an alias. */
function isOfRegistry(spec: string): boolean {
  const range = spec.slice(spec.indexOf('@', 1) + 1);
  return !/[/:]/.test(range.replace(/^npm:@?[^/:@]+(?:\/[^/:@]+)?/, ''));
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > MAX_TARBALL_BYTES) throw new SealwatchError('PACKAGE_UNREADABLE', 'the tarball is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function toObject(value: unknown): JsonObject {
  const json = value as JsonValue;
  if (!isJsonObject(json)) throw new SealwatchError('PACKAGE_UNREADABLE', 'the registry answered no JSON object');
  return json;
}

/** Returns what a failure of npm's modules says. What they say in words is of the registry, and is not repeated. */
export function whyNot(error: unknown): Evidence<never> {
  const code = codeIn(error);
  const known = ANSWERS[code];
  if (known !== undefined) return known;
  return unreached(`the registry could not be asked (${code})`);
}

const ANSWERS: Readonly<Record<string, Evidence<never>>> = {
  E404: unknown('the registry does not have it'),
  E405: unknown('the registry does not answer that'),
  E501: unknown('the registry does not answer that'),
  ETARGET: unknown('the registry has no version that is asked for'),
  ENOVERSIONS: unknown('the registry has no version of it'),
  PACKAGE_UNREADABLE: unknown('what the registry gave cannot be read'),
  EINTEGRITY: contradicts('the bytes are not those that the registry names'),
  EMANIFESTMISMATCH: contradicts('the registry lists it under the name or version of another'),
};

/** Returns the code of a failure of npm's modules. */
export function codeIn(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'no reason given';
}
