import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { childEnvironment } from '../../mcp/child-environment.js';
import { isJsonArray, isJsonObject, type JsonValue } from '../../model/json.js';
import { EVIDENCE_NAMES, type Evidence, type PackageFacts } from '../../model/package-facts.js';
import type { PackagePolicy } from '../../model/policy.js';
import type { Launch, Server } from '../../model/server.js';
import type { ServerId } from '../../model/server-id.js';
import { packageRefusals } from '../../policy/hold-package.js';
import type { LaunchIdentity } from '../../policy/launch-identity.js';
import { quote } from '../../quote.js';
import { describePackage } from '../../supply-chain/create-packages.js';
import { inspectServer, type ServerFacts } from '../../supply-chain/inspect-server.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { type ExitCode, highest } from '../exit-code.js';
import { readConfig, selectServers } from '../session.js';
import { systemClock } from '../system.js';
import type { Terminal } from '../terminal.js';

const PROVENANCE_HELP = `
Says what the command of a server runs, where that comes from, and what of it
could be verified. Nothing is started and nothing is installed. What could not
be told is never taken for fine: where the version or its bytes are unknown, the
exit code is 2; where something contradicts what is claimed, or the policy asks
for something that is not met (policy.packages), it is 1.

Examples:
  sealwatch provenance
  sealwatch provenance github --json`;

/** Adds `provenance`. */
export function addProvenance(program: Command, run: Runner): void {
  program
    .command('provenance')
    .argument('[servers...]', 'servers of the configuration; every server with a command otherwise')
    .description('what servers run, where it comes from, and what was verified')
    .addHelpText('after', PROVENANCE_HELP)
    .action(run(provenance));
}

/** A registry that is slower says nothing. */
const TIMEOUT_MS = 120_000;

interface Report extends ServerFacts {
  readonly server: ServerId;
  /** What the policy asks for that is not met. */
  readonly refusals: readonly string[];
}

async function provenance(cli: Cli, names: readonly string[]): Promise<Outcome> {
  const config = readConfig(cli);
  const chosen = selectServers(names, config).flatMap(launched);
  if (chosen.length === 0) throw new SealwatchError('USAGE', 'none of the servers is started by a command');
  // npm's modules take a while to load, and every other command does without them.
  const { createSources } = await import('../../supply-chain/create-sources.js');
  const sources = createSources({ tree: 'walked' });
  const reports: Report[] = [];
  for (const [server, launch] of chosen) {
    cli.terminal.note(`looking at ${server}`);
    const context = {
      cwd: launch.cwd,
      env: childEnvironment(launch.env),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const found = await inspectServer(launch, context, sources);
    reports.push({ server, ...found, refusals: refusalsOf(found, config.policy.packages) });
  }
  return {
    exitCode: highest(reports.map(exitCodeOf)),
    json: {
      servers: reports.map(({ server, identity, facts, refusals }) => ({ server, runs: identity, ...facts, refusals })),
    },
    print: (terminal) => {
      for (const report of reports) print(report, terminal);
    },
  };
}

function launched({ id, connection }: Server): readonly (readonly [ServerId, Launch])[] {
  return connection.launch === undefined ? [] : [[id, connection.launch]];
}

/** What runs and whether its bytes are the ones that are named has to be known; the rest is not to be had everywhere. */
function exitCodeOf({ facts, refusals }: Report): ExitCode {
  const isKnown = facts.resolved.kind === 'present' && facts.integrity.kind !== 'unknown';
  if (!isKnown) return 2;
  const all = [facts.resolved, facts.integrity, ...Object.values(facts.evidence)];
  return refusals.length > 0 || all.some(({ kind }) => kind === 'contradicts') ? 1 : 0;
}

/** Where it could not be told now what the policy asks about, that is what is said. */
function refusalsOf(found: ServerFacts, policy: PackagePolicy | undefined): readonly string[] {
  if (policy === undefined) return [];
  try {
    return packageRefusals(describePackage(found, policy), policy, systemClock.now());
  } catch (error) {
    if (error instanceof SealwatchError && error.code === 'PACKAGE_UNREACHED') return [error.message];
    throw error;
  }
}

function print({ server, identity, facts, refusals }: Report, terminal: Terminal): void {
  terminal.line(terminal.paint.bold(server));
  terminal.line(`  ${'runs'.padEnd(16)}  ${runs(identity, facts)}`);
  const lines = linesOf(facts);
  const shared = sharedReasons(lines);
  for (const [name, evidence] of lines) {
    if (evidence.kind === 'unknown' && shared.has(evidence.why)) continue;
    const text = sentence(evidence);
    terminal.line(`  ${name.padEnd(16)}  ${evidence.kind === 'contradicts' ? terminal.paint.red(text) : text}`);
  }
  for (const [why, names] of shared) terminal.line(`  ${'could not tell'.padEnd(16)}  ${names.join(', ')}: ${why}`);
  for (const refusal of refusals) terminal.line(`  ${'not allowed'.padEnd(16)}  ${terminal.paint.red(refusal)}`);
}

/** What nobody could tell for one and the same reason is one line. */
function sharedReasons(lines: ReturnType<typeof linesOf>): ReadonlyMap<string, readonly string[]> {
  const named = new Map<string, string[]>();
  for (const [name, evidence] of lines)
    if (evidence.kind === 'unknown') named.set(evidence.why, [...(named.get(evidence.why) ?? []), name]);
  return new Map([...named].filter(([, names]) => names.length >= SHARED_BY));
}

const SHARED_BY = 3;

function runs(identity: LaunchIdentity, { purl }: PackageFacts): string {
  switch (identity.kind) {
    case 'package':
      return quote(purl ?? `pkg:${identity.type}/${identity.name}`, 200);
    case 'image':
      return `image ${quote(identity.repository, 200)}`;
    case 'executable':
      return `${identity.isScript ? 'script' : 'program'} ${quote(identity.file, 200)}`;
    case 'unknown':
      return `could not tell: ${identity.why}`;
  }
}

/** What nobody could tell for one and the same reason as the version needs no line of its own. */
function linesOf({ resolved, integrity, evidence }: PackageFacts): readonly (readonly [string, Evidence<JsonValue>])[] {
  const lines = [['version', resolved] as const, ['integrity', integrity] as const];
  const rest = EVIDENCE_NAMES.map((name) => [TITLES[name], evidence[name]] as const);
  return [...lines, ...rest.filter(([, one]) => resolved.kind === 'present' || one.kind !== 'unknown')];
}

const TITLES = {
  source: 'from',
  files: 'files',
  signature: 'signature',
  provenance: 'built from',
  publisher: 'published by',
  publishedAt: 'published',
  maintainers: 'maintainers',
  repository: 'repository',
  installScripts: 'install scripts',
  dependencies: 'depends on',
  dependencyTree: 'installed with',
  deprecated: 'deprecated',
  unpublished: 'unpublished',
  yanked: 'yanked',
  advisories: 'advisories',
  typosquat: 'similar names',
  licence: 'licence',
  executable: 'on this machine',
  lockfile: 'lock file',
} as const;

function sentence(evidence: Evidence<JsonValue>): string {
  switch (evidence.kind) {
    case 'present':
      return quote(plain(evidence.value), 200);
    case 'absent':
      return 'none';
    case 'contradicts':
      return `contradicts: ${evidence.why}`;
    case 'unknown':
      return `could not tell: ${evidence.why}`;
  }
}

/** `repository https://…, workflow https://…` */
function plain(value: JsonValue): string {
  if (isJsonArray(value)) return value.length === 0 ? 'none' : value.map(plain).join(', ');
  if (!isJsonObject(value)) return String(value);
  return Object.entries(value)
    .map(([name, member]) => `${name} ${plain(member)}`)
    .join(', ');
}
