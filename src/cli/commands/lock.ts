import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import type { Config } from '../../config/config.js';
import { SealwatchError } from '../../errors.js';
import { takeLock } from '../../lock/take-lock.js';
import { isMalformed } from '../../model/fingerprint.js';
import type { ComparedWithLock, Lock, LockedServer } from '../../model/lock.js';
import type { Server } from '../../model/server.js';
import type { Snapshot } from '../../model/snapshot.js';
import { compareWithLock, lookAt, type Seen } from '../../monitor/check-lock.js';
import { asNeighbour } from '../../monitor/inspect-all.js';
import { counted } from '../../render/counted.js';
import { lockCheckLines } from '../../render/lock-lines.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { printHints } from '../hints.js';
import { lockPath, readLockFile, writeLockFile } from '../lock-file.js';
import { readConfig, selectServers } from '../session.js';
import type { Terminal } from '../terminal.js';
import { withoutStore } from '../without-store.js';

/** Adds `lock`: writes down what servers declare, to be reviewed like code. */
export function addLock(program: Command, run: Runner): void {
  program
    .command('lock')
    .description('write what servers declare into a lock file, to be reviewed and kept in the repository')
    .argument('[server...]', 'names from the configuration, whose entries are renewed; all of them otherwise')
    .option('--file <file>', 'the lock (else sealwatch.lock.json beside the configuration)')
    .addHelpText('after', EXAMPLES)
    .action(run(lock));
}

const EXAMPLES = `
Looks at the servers, shows what differs from the lock that is there, and writes
the new one. Whoever reviews the change of the file approves it. It needs no
store, and approves nothing in one.

Examples:
  sealwatch lock                every server of the configuration
  sealwatch lock github         renews one entry, and keeps the others
  sealwatch lock --file ci/mcp.lock.json`;

interface Locked {
  readonly entry: LockedServer;
  readonly isNew: boolean;
  /** How it differs from the entry before; everything is new where there was none. */
  readonly check: ComparedWithLock;
  /** What has no canonical form, and so is not in the lock. */
  readonly malformed: readonly string[];
}

async function lock(cli: Cli, names: readonly string[], { file }: { readonly file?: string }): Promise<Outcome> {
  const config = readConfig(cli);
  const path = lockPath(cli, file, config.file);
  const former = existsSync(path) ? readLockFile(path).lock : undefined;
  const servers = selectServers(names, config);
  const locked = await lockAll(servers, former, config, cli);
  const next = merge(locked, former, names.length === 0);
  const dropped = (former?.servers ?? [])
    .map(({ server }) => server)
    .filter((id) => !next.servers.some((one) => one.server === id));
  const isWritten = writeLockFile(path, next);
  return outcomeOf({ path, isWritten, locked, dropped });
}

/** A lock is written whole or not at all: half of it would pass for what was looked at. */
async function lockAll(
  servers: readonly Server[],
  former: Lock | undefined,
  config: Config,
  cli: Cli,
): Promise<readonly Locked[]> {
  return await withoutStore(config, async (deps) => {
    const seen = (await lookAt(servers, deps, config, cli.signal)).map((one): Seen => {
      if (one.kind === 'seen') return one;
      throw new SealwatchError(one.code, `${one.server}: ${one.message}; the lock is as it was`);
    });
    const locked: Locked[] = [];
    for (const [index, server] of servers.entries()) {
      const snapshot = seen[index]?.snapshot;
      if (snapshot === undefined) continue;
      const before = former?.servers.find((one) => one.server === server.id);
      const neighbours = seen.filter((one) => one.snapshot !== snapshot).map((one) => asNeighbour(one.snapshot));
      const context = { connection: server.connection, volatile: server.volatile, neighbours };
      const check = await compareWithLock(before ?? emptyEntry(server), snapshot, context, deps);
      locked.push({
        entry: takeLock(snapshot, server, before),
        isNew: before === undefined,
        check,
        malformed: malformedIn(snapshot),
      });
    }
    return locked;
  });
}

function emptyEntry({ id, connection }: Server): LockedServer {
  const setHashes = {
    tools: undefined,
    prompts: undefined,
    resources: undefined,
    resourceTemplates: undefined,
    instructions: undefined,
  };
  const pins = connection.kind === 'http' ? connection.tls.pins : [];
  return { server: id, package: undefined, pins, protocolVersion: '', setHashes, definitions: [] };
}

function malformedIn({ definitions }: Snapshot): readonly string[] {
  return definitions.filter(({ version }) => isMalformed(version)).map(({ refText }) => refText);
}

/** Without names the lock is about all servers of the configuration, and about no other. */
function merge(locked: readonly Locked[], former: Lock | undefined, isWhole: boolean): Lock {
  const fresh = locked.map(({ entry }) => entry);
  const kept = (former?.servers ?? []).filter(({ server }) => !fresh.some((one) => one.server === server));
  return { servers: isWhole ? fresh : [...kept, ...fresh] };
}

function outcomeOf({
  path,
  isWritten,
  locked,
  dropped,
}: {
  readonly path: string;
  readonly isWritten: boolean;
  readonly locked: readonly Locked[];
  readonly dropped: readonly string[];
}): Outcome {
  const malformed = locked.flatMap((one) => one.malformed);
  return {
    exitCode: malformed.length > 0 ? 1 : 0,
    json: {
      file: path,
      written: isWritten,
      servers: locked.map(({ entry }) => ({
        server: entry.server,
        package: entry.package ?? null,
        definitions: entry.definitions.length,
        setHashes: entry.setHashes,
      })),
      dropped,
      malformed,
    },
    print: (terminal) => {
      for (const one of locked) printLocked(one, terminal);
      for (const server of dropped) terminal.line(`${server}: no longer in the configuration, taken out of the lock`);
      for (const ref of malformed) terminal.line(`${ref}: malformed, and not in the lock: every check says so`);
      terminal.line(isWritten ? `Wrote ${path}` : `Kept ${path}: nothing differs`);
      printHints([['sealwatch check', 'compares the servers with it, also where there is no store']], terminal);
    },
  };
}

/** All of a new entry is in the file, which is read anyway. */
function printLocked({ entry, isNew, check }: Locked, terminal: Terminal): void {
  if (isNew) terminal.line(`${entry.server}: new in the lock (${counted(entry.definitions.length, 'definition')})`);
  else terminal.change(lockCheckLines(check, terminal.width));
}
