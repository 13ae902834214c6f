import { SealwatchError } from '../errors.js';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { createObserver } from '../mcp/observer.js';
import type { Server } from '../model/server.js';
import type { MonitorDeps } from '../monitor/deps.js';
import { approvedPackage } from '../monitor/approved-package.js';
import { noTelemetry } from '../monitor/no-telemetry.js';
import type { CallLog, Logger, Packages, Store, Vault } from '../ports.js';
import type { RulePack } from '../scan/rule-pack.js';
import { openCallLog } from '../store/call-log.js';
import { openStore } from '../store/open-store.js';
import { createVault } from '../store/vault.js';
import type { Cli } from './cli.js';
import { loadRules } from './load-rules.js';
import { type ClosableScanner, createScanner, SMALL } from './scanner.js';
import { packageVersion } from './package-root.js';
import { packagesFor } from './packages.js';
import { systemClock, systemRandom } from './system.js';
import type { Terminal } from './terminal.js';
import { readVaultKeys } from './vault-key.js';
import { withoutRepeats } from './without-repeats.js';

/** What a command works with: the configuration, and an open store with everything around it. */
export interface Session {
  readonly config: Config;
  readonly deps: MonitorDeps;
  readonly servers: readonly Server[];
  /** Rules as they are in force. */
  readonly pack: RulePack;
  /** Where the package of a server is recorded: of what clients are served with. */
  readonly packages?: Packages;
}

/** Returns what a session tells about itself, and where to. */
export type Instrument = (store: Store) => Pick<MonitorDeps, 'logger' | 'telemetry'>;

/** What is otherwise than usual in a session. */
interface SessionOptions {
  /** Adapts the configuration first. */
  readonly change?: (config: Config) => Config;
  readonly instrument?: Instrument;
  /** Snapshots up to this length, in UTF-16 code units, are scanned without a thread. */
  readonly small?: number;
}

/** Opens a session, runs the action in it, and closes it whatever happens. */
export async function withSession<Result>(
  cli: Cli,
  action: (session: Session) => Promise<Result>,
  options: SessionOptions = {},
): Promise<Result> {
  const { change, small = SMALL } = options;
  const instrument = options.instrument ?? (() => ({ logger: loggerFor(cli.terminal), telemetry: noTelemetry }));
  const config = change === undefined ? readConfig(cli) : change(readConfig(cli));
  for (const note of config.notes) cli.terminal.note(`note: ${note}`);
  const store = await openStore(config.stateDir, { clock: systemClock, random: systemRandom });
  let scanner: ClosableScanner | undefined;
  let callLog: CallLog | undefined;
  try {
    const packages = await packagesFor(config, approvedPackage(store));
    const pack = await loadRules(config.rules);
    callLog = openCallLog(config.stateDir, { clock: systemClock, random: systemRandom });
    scanner = createScanner({ pack, settings: config.rules, small });
    const deps: MonitorDeps = {
      store,
      observer: createObserver({
        clock: systemClock,
        clientVersion: packageVersion(),
        ...vaultFor(cli, config, store),
        ...(packages === undefined ? {} : { packages: packages.tried }),
      }),
      clock: systemClock,
      random: systemRandom,
      scanner,
      ...(await judgeFrom(config)),
      policy: config.policy,
      channels: config.channels,
      alerting: config.alerting,
      ...instrument(store),
      callLog,
    };
    await store.noteInputs({ configuration: config.digest, rules: scanner.digest }, systemClock.now().toISOString());
    return await action({
      config,
      deps,
      servers: config.servers,
      pack,
      ...(packages === undefined ? {} : { packages: packages.served }),
    });
  } finally {
    await scanner?.close();
    await callLog?.close();
    await store.close();
  }
}

/** Made only where somebody signs in to a server: without that there is nothing to seal, and no key is needed. */
function vaultFor(cli: Cli, { servers, stateDir }: Config, store: Store): { readonly vault?: Vault } {
  const signsIn = servers.some(({ connection }) => connection.kind === 'http' && connection.oauth !== undefined);
  return signsIn ? { vault: openVault(cli, stateDir, store) } : {};
}

/** @throws {SealwatchError} `SECRET_KEY_INVALID` */
export function openVault(cli: Cli, stateDir: string, store: Store): Vault {
  const keys = readVaultKeys(stateDir, cli.env, systemRandom);
  return createVault(store, { keys, clock: systemClock, random: systemRandom, folder: stateDir });
}

/** Loaded only where one is configured. */
async function judgeFrom({ judge }: Config): Promise<Pick<MonitorDeps, 'judge'>> {
  if (judge === undefined) return {};
  const { createJudge } = await import('../judge/create-judge.js');
  return { judge: createJudge(judge) };
}

/** Opens the store to be read only: one whose audit log is broken too, so that it can be said how. */
export async function withStoreToRead<Result>(cli: Cli, action: (store: Store) => Promise<Result>): Promise<Result> {
  const { stateDir } = readConfig(cli);
  const store = await openStore(stateDir, { clock: systemClock, random: systemRandom, readOnly: true });
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}

/** @throws {SealwatchError} `CONFIG_…` */
export function readConfig(cli: Cli): Config {
  const { config, stateDir } = cli.flags;
  return loadConfig({ file: config, cwd: cli.io.cwd(), env: cli.env, stateDir });
}

/**
 * Returns the servers that were named, all of them where none was.
 *
 * @throws {SealwatchError} `NOT_FOUND`; `CONFIG_INVALID` where there is none at all: nothing checked is not "clean".
 */
export function selectServers(names: readonly string[], config: Config): readonly Server[] {
  if (config.servers.length === 0)
    throw new SealwatchError('CONFIG_INVALID', `${config.file} names no server to watch`);
  if (names.length === 0) return config.servers;
  const ids = config.servers.map(({ id }) => id);
  const unknown = names.find((name) => !ids.some((id) => id === name));
  if (unknown !== undefined) {
    const isDisabled = config.disabled.some((id) => id === unknown);
    const why = isDisabled
      ? `server ${unknown} is disabled in ${config.file}`
      : `no server ${JSON.stringify(unknown)} in ${config.file}`;
    throw new SealwatchError('NOT_FOUND', `${why} (there are: ${ids.join(', ')})`);
  }
  return config.servers.filter(({ id }) => names.includes(id));
}

function loggerFor(terminal: Terminal): Logger {
  return withoutRepeats({
    info: terminal.note,
    warn: (message) => {
      terminal.warn(`warning: ${message}`);
    },
    error: (message) => {
      terminal.warn(`error: ${message}`);
    },
  });
}
