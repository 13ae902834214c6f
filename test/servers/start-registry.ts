import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A version as it is published: an honest one, unless something is said otherwise. */
export interface Published {
  readonly name: string;
  readonly version: string;
  /** Besides name and version, in the registry's list and in the bytes. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** What the registry lists otherwise than the bytes say. */
  readonly listed?: Readonly<Record<string, unknown>>;
  /** Its program; one that does nothing otherwise. */
  readonly program?: string;
  readonly at?: string;
  readonly publisher?: string;
  readonly maintainers?: readonly string[];
  readonly isSigned?: boolean;
  /** Attack: a signature that is for something else. */
  readonly signedAs?: string;
  /** Attack: other bytes are served than were published. */
  readonly servedBytes?: Buffer;
  /** Attack: another integrity is listed than that of the bytes; it is signed all the same. */
  readonly integrity?: string;
  /** Makes what the attestation endpoint answers. */
  readonly attest?: (subject: { readonly purl: string; readonly sha512: string }) => Promise<readonly object[]>;
}

/** A registry that speaks npm's wire formats, with a P-256 key of its own. */
export interface Registry {
  readonly url: string;
  readonly requests: string[];
  publish(version: Published): Promise<void>;
  /** The version goes from the list, and its time stays, as npm does it. */
  unpublish(name: string, version: string): void;
  /** What the bulk endpoint knows; without any call it answers 404, as many mirrors do. */
  advise(advisories: Readonly<Record<string, readonly object[]>>): void;
  /** From then on nothing is answered, and no connection is taken. */
  close(): Promise<void>;
}

interface Packument {
  readonly versions: Record<string, object>;
  readonly time: Record<string, string>;
  maintainers: readonly object[];
}

export async function startRegistry(): Promise<Registry> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const keyid = `SHA256:${createHash('sha256').update(spki).digest('base64')}`;
  const packuments = new Map<string, Packument>();
  const answers = new Map<string, Buffer>();
  const requests: string[] = [];
  let advisories: Readonly<Record<string, readonly object[]>> | undefined;
  answers.set(
    '/-/npm/v1/keys',
    json({
      keys: [
        { keyid, keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256', key: base64(spki), expires: null },
      ],
    }),
  );
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    requests.push(`${request.method} ${path}`);
    const packument = packuments.get(path.slice(1));
    const known = packument === undefined ? answers.get(path) : json(toDocument(path.slice(1), packument));
    if (path !== BULK || advisories === undefined) {
      response.writeHead(known === undefined ? 404 : 200).end(known ?? '{}');
      return;
    }
    const found = advisories;
    void bodyOf(request).then((asked) => {
      response.end(JSON.stringify(Object.fromEntries(Object.entries(found).filter(([name]) => name in asked))));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    requests,
    publish: async (published) => {
      const { name, version, manifest = {}, publisher = 'alice' } = published;
      const own = { name, version, bin: { [name.replace(/^@[^/]*\//, '')]: 'index.js' }, ...manifest };
      const bytes = packed({
        'package.json': JSON.stringify(own),
        'index.js': `#!/usr/bin/env node\n${published.program ?? ''}`,
      });
      const integrity = published.integrity ?? `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
      const path = `/${name}/-/${name.replace(/^@[^/]*\//, '')}-${version}.tgz`;
      answers.set(path, published.servedBytes ?? bytes);
      const signature = sign(
        'sha256',
        Buffer.from(`${published.signedAs ?? `${name}@${version}`}:${integrity}`),
        privateKey,
      ).toString('base64');
      const attestations = `/-/npm/v1/attestations/${name}@${version}`;
      if (published.attest !== undefined) {
        const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
        const sha512 = createHash('sha512').update(bytes).digest('hex');
        answers.set(attestations, json({ attestations: await published.attest({ purl, sha512 }) }));
      }
      const packument = packuments.get(name) ?? { versions: {}, time: {}, maintainers: [] };
      packuments.set(name, packument);
      packument.maintainers = (published.maintainers ?? ['alice']).map((one) => ({ name: one }));
      packument.time[version] = published.at ?? '2026-01-01T00:00:00.000Z';
      packument.versions[version] = {
        ...own,
        ...published.listed,
        _id: `${name}@${version}`,
        _npmUser: { name: publisher },
        maintainers: packument.maintainers,
        dist: {
          tarball: url + path,
          integrity,
          ...(published.isSigned === false ? {} : { signatures: [{ keyid, sig: signature }] }),
          ...(published.attest === undefined ? {} : { attestations: { url: url + attestations } }),
        },
      };
    },
    unpublish: (name, version) => {
      delete packuments.get(name)?.versions[version];
    },
    advise: (given) => {
      advisories = given;
    },
    close: async () => {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

const BULK = '/-/npm/v1/security/advisories/bulk';

async function bodyOf(request: IncomingMessage): Promise<object> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  const { gunzipSync } = await import('node:zlib');
  const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  return JSON.parse(text.toString('utf8')) as object;
}

/** `latest` is the version that was published last, as npm sets the tag. */
function toDocument(name: string, { versions, time, maintainers }: Packument): object {
  return { _id: name, name, 'dist-tags': { latest: Object.keys(versions).at(-1) }, versions, time, maintainers };
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}

/** Returns a tarball as npm makes them: everything lies in `package/`. */
export function packed(files: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(files).map(([name, text]) => entry(`package/${name}`, Buffer.from(text)));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
}

/** A header of POSIX ustar, and the content filled up to whole blocks. */
function entry(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0' + '0000000\0'.repeat(2), 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0' + ' '.repeat(8) + '0', 136);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
