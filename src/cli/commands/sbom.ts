import { randomUUID } from 'node:crypto';

import type { Command } from 'commander';

import { childEnvironment } from '../../mcp/child-environment.js';
import { type JsonValue, stringMember } from '../../model/json.js';
import type { Evidence, PackageFacts } from '../../model/package-facts.js';
import type { Launch, Server } from '../../model/server.js';
import { approvedPackage } from '../../monitor/approved-package.js';
import { assess } from '../../monitor/assess.js';
import type { MonitorDeps } from '../../monitor/deps.js';
import { type InventoryPackage, type InventoryServer, type InventoryTool, toSbom } from '../../render/sbom.js';
import { inspectServer, type ServerFacts, type Sources } from '../../supply-chain/inspect-server.js';
import type { InstalledPackage } from '../../supply-chain/installed-packages.js';
import type { PackageCache } from '../../supply-chain/package-cache.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { packageVersion } from '../package-root.js';
import { selectServers, withSession } from '../session.js';
import { systemClock } from '../system.js';

const SBOM_HELP = `
Prints a CycloneDX 1.6 document (JSON): servers, the packages that they are
started from with digests and licences, certificate pins, and tools with their
fingerprints and verdicts. What a server needs is listed where it runs as
approved ("package: { run: approved }"), and is said to be unknown elsewhere.
Registries are asked; no server is started. Exit code 2 where something could
not be told, with the reason in the document.

Examples:
  sealwatch sbom > sealwatch.cdx.json
  sealwatch sbom github --json`;

/** Adds `sbom`. */
export function addSbom(program: Command, run: Runner): void {
  program
    .command('sbom')
    .argument('[servers...]', 'servers of the configuration; all of them otherwise')
    .description('an inventory of servers, packages and tools (CycloneDX 1.6)')
    .addHelpText('after', SBOM_HELP)
    .action(run(sbom));
}

/** A registry that is slower says nothing. */
const TIMEOUT_MS = 120_000;

async function sbom(cli: Cli, names: readonly string[]): Promise<Outcome> {
  return await withSession(cli, async ({ config, deps }) => {
    const { createSources } = await import('../../supply-chain/create-sources.js');
    const { createPackageCache } = await import('../../supply-chain/package-cache.js');
    const look = {
      deps,
      sources: createSources({ tree: 'left' }),
      cache: createPackageCache(config.packageDir),
      cancelled: cli.signal,
    };
    const found: InventoryServer[] = [];
    for (const server of selectServers(names, config)) {
      cli.terminal.note(`looking at ${server.id}`);
      found.push(await inventoryOf(server, look));
    }
    const at = systemClock.now().toISOString();
    const document = toSbom(found, { version: packageVersion(), at, serial: randomUUID() });
    return {
      exitCode: found.some(({ untold }) => untold.length > 0) ? 2 : 0,
      json: { sbom: document },
      print: (terminal) => {
        terminal.json(document);
      },
    };
  });
}

interface Look {
  readonly deps: MonitorDeps;
  readonly sources: Sources;
  readonly cache: PackageCache;
  readonly cancelled: AbortSignal;
}

async function inventoryOf(server: Server, look: Look): Promise<InventoryServer> {
  const { connection } = server;
  const { launch } = connection;
  const tools = await toolsOf(server, look.deps);
  return {
    id: server.id,
    command: launch === undefined ? undefined : (stringMember(server.provenance, 'command') ?? ''),
    endpoint: launch === undefined && connection.kind === 'http' ? writtenEndpoint(server, connection.url) : undefined,
    pins: connection.kind === 'http' ? connection.tls.pins : [],
    ...(launch === undefined ? NO_PACKAGE : await madeOf(server, launch, look)),
    tools: tools ?? [],
    ...(tools === undefined ? { untold: ['nobody has looked at what it declares: sealwatch scan'] } : {}),
  };
}

/** Neither arguments nor a query: what people write there may be a secret, and an inventory is made to be passed on. */
function writtenEndpoint({ provenance }: Server, url: string): string {
  const written = stringMember(provenance, 'url') ?? url;
  return written.split(/[?#]/, 1)[0] ?? written;
}

async function toolsOf(server: Server, deps: MonitorDeps): Promise<readonly InventoryTool[] | undefined> {
  const { snapshot, decisions } = await assess(server, deps);
  if (snapshot === undefined) return undefined;
  const verdicts = new Map(decisions.map(({ refText, verdict }) => [refText, verdict]));
  return snapshot.definitions
    .filter(({ ref }) => ref.kind === 'tool')
    .map(({ ref, refText, version }) => ({ name: ref.name, version, verdict: verdicts.get(refText) ?? 'unknown' }));
}

type MadeOf = Pick<InventoryServer, 'package' | 'needs' | 'untold'>;

const NO_PACKAGE: MadeOf = { package: undefined, needs: undefined, untold: [] };

/** What runs as approved is what is approved; of anything else, what the registry would serve now. */
async function madeOf(server: Server, launch: Launch, { deps, sources, cache, cancelled }: Look): Promise<MadeOf> {
  const approved = server.runsApproved === undefined ? undefined : await approvedPackage(deps.store)(server);
  const [, digest] = /^sha256:([0-9a-f]{64})$/.exec(stringMember(approved, 'treeDigest') ?? '') ?? [];
  const installed = digest === undefined ? undefined : await cache.list(digest);
  if (installed !== undefined) return fromInstalled(installed, stringMember(approved, 'name') ?? '');
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(TIMEOUT_MS)]);
  const context = { cwd: launch.cwd, env: childEnvironment(launch.env), signal };
  return fromFacts(await inspectServer(launch, context, sources));
}

function fromInstalled(installed: readonly InstalledPackage[], purl: string): MadeOf {
  const all = installed.map((one) => ({ ...one, purl: purlOf(one.name, one.version) }));
  const own = all.find(({ name }) => `pkg:npm/${name}` === purl);
  return { package: own, needs: all.filter((one) => one !== own), untold: [] };
}

function fromFacts({ identity, facts }: ServerFacts): MadeOf {
  const untold = [
    ...(identity.kind === 'unknown' ? [identity.why] : []),
    ...untoldOf('version', facts.resolved),
    ...untoldOf('integrity', facts.integrity),
  ];
  return { package: packageOf(facts), needs: undefined, untold: [...new Set(untold)] };
}

function packageOf({ purl, resolved, integrity, evidence }: PackageFacts): InventoryPackage | undefined {
  if (purl === undefined) return undefined;
  const [, name = purl, version] = /^pkg:[a-z]+\/(.+?)(?:@([^@/]+))?$/.exec(purl) ?? [];
  const { licence } = evidence;
  return {
    purl: version === undefined ? purl : purlOf(name, version, purl.slice(4, purl.indexOf('/'))),
    name,
    version: resolved.kind === 'present' ? resolved.value : version,
    integrity: integrity.kind === 'present' ? integrity.value : undefined,
    licence: licence.kind === 'present' && typeof licence.value === 'string' ? licence.value : undefined,
  };
}

function untoldOf(what: string, evidence: Evidence<JsonValue>): readonly string[] {
  if (evidence.kind === 'present' || evidence.kind === 'absent') return [];
  return [`${what}: ${evidence.why}`];
}

/** Each part is percent-encoded (purl specification). */
function purlOf(name: string, version: string, type = 'npm'): string {
  return `pkg:${type}/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`;
}
