import type { Verdict } from '../model/decision.js';
import type { JsonObject, JsonValue } from '../model/json.js';

/** A server as the inventory has it. Texts are those of servers and registries: a reader of the document has to treat them as hostile. */
export interface InventoryServer {
  readonly id: string;
  /** What is started; `undefined` for one that is only connected to. */
  readonly command: string | undefined;
  /** The address of one that is connected to, without what a variable may have put into it. */
  readonly endpoint: string | undefined;
  readonly pins: readonly string[];
  readonly tools: readonly InventoryTool[];
  /** What it is made of; `undefined` where no package is started. */
  readonly package: InventoryPackage | undefined;
  /** What it needs; `undefined` where that could not be told. */
  readonly needs: readonly InventoryPackage[] | undefined;
  /** What could not be told, a sentence for each. */
  readonly untold: readonly string[];
}

export interface InventoryTool {
  readonly name: string;
  readonly version: string;
  readonly verdict: Verdict | 'unknown';
}

export interface InventoryPackage {
  readonly purl: string;
  readonly name: string;
  readonly version: string | undefined;
  /** SRI or `sha256:<hex>`. */
  readonly integrity: string | undefined;
  readonly licence: string | undefined;
}

/** Returns an inventory as a CycloneDX 1.6 document. What is not known is said to be so (`compositions`), and is not left out. */
export function toSbom(
  servers: readonly InventoryServer[],
  { version, at, serial }: { readonly version: string; readonly at: string; readonly serial: string },
): JsonObject {
  const packages = new Map(
    servers.flatMap((server) => packagesOf(server)).map((one) => [packageRef(one), componentOf(one)] as const),
  );
  const [local, remote] = [
    servers.filter(({ endpoint }) => endpoint === undefined),
    servers.filter(({ endpoint }) => endpoint !== undefined),
  ];
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    metadata: {
      timestamp: at,
      tools: { components: [{ type: 'application', name: 'sealwatch', version }] },
    },
    components: [...local.map(applicationOf), ...packages.values()],
    services: remote.map(serviceOf),
    dependencies: dependenciesOf(servers),
    compositions: compositionsOf(servers),
  };
}

function packagesOf({ package: own, needs }: InventoryServer): readonly InventoryPackage[] {
  return [...(own === undefined ? [] : [own]), ...(needs ?? [])];
}

function applicationOf(server: InventoryServer): JsonObject {
  return { type: 'application', 'bom-ref': refOf(server), name: server.id, properties: propertiesOf(server) };
}

function serviceOf(server: InventoryServer): JsonObject {
  return {
    'bom-ref': refOf(server),
    name: server.id,
    endpoints: [server.endpoint ?? ''],
    'x-trust-boundary': true,
    properties: propertiesOf(server),
  };
}

/** Names are those of the property taxonomy that CycloneDX asks for: of the tool that writes them. */
function propertiesOf({ command, pins, tools, untold }: InventoryServer): readonly JsonObject[] {
  const property = (name: string, value: string): JsonObject => ({ name: `sealwatch:${name}`, value });
  return [
    ...(command === undefined ? [] : [property('command', command)]),
    ...pins.map((pin) => property('pin', pin)),
    ...tools.map(({ name, version, verdict }) => property('tool', JSON.stringify({ name, version, verdict }))),
    ...untold.map((sentence) => property('could-not-tell', sentence)),
  ];
}

function componentOf(one: InventoryPackage): JsonObject {
  const { purl, name, version, integrity, licence } = one;
  const hashes = integrity === undefined ? [] : hashOf(integrity);
  const [, scope, short] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  return {
    type: 'library',
    'bom-ref': packageRef(one),
    ...(scope === undefined ? {} : { group: scope }),
    name: short ?? name,
    ...(version === undefined ? {} : { version }),
    purl,
    ...(hashes.length === 0 ? {} : { hashes }),
    ...(licence === undefined ? {} : { licenses: [{ license: { name: licence } }] }),
  };
}

/** Subresource Integrity, and `sha256:<hex>`. */
function hashOf(integrity: string): readonly JsonObject[] {
  const [, base64] = /(?:^| )sha512-([A-Za-z0-9+/=]+)/.exec(integrity) ?? [];
  if (base64 !== undefined) return [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }];
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(integrity) ?? [];
  return hex === undefined ? [] : [{ alg: 'SHA-256', content: hex }];
}

/** Everything that is installed for a server is under the server: which of it needs which is not told. */
function dependenciesOf(servers: readonly InventoryServer[]): readonly JsonValue[] {
  return servers.map((server) => ({
    ref: refOf(server),
    dependsOn: [...new Set(packagesOf(server).map(packageRef))],
  }));
}

/** Two servers can have other bytes under one name and version. */
function packageRef({ purl, integrity }: InventoryPackage): string {
  return integrity === undefined ? purl : `${purl}#${integrity}`;
}

/** Attack: a list that is taken for the whole because nothing says that it is not. */
function compositionsOf(servers: readonly InventoryServer[]): readonly JsonValue[] {
  const refs = (isWhole: boolean): readonly string[] =>
    servers.filter(({ needs }) => (needs !== undefined) === isWhole).map(refOf);
  return [
    { aggregate: 'complete', dependencies: refs(true) },
    { aggregate: 'unknown', dependencies: refs(false) },
  ].filter(({ dependencies }) => dependencies.length > 0);
}

function refOf({ id }: InventoryServer): string {
  return `server:${id}`;
}
