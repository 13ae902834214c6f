import { resolve } from 'node:path';

import type { Command } from 'commander';

import type { Config } from '../../config/config.js';
import { lockJsonSchema } from '../../lock/lock-schema.js';
import { isLockable, lockServer } from '../../lock/lock-server.js';
import { shortRef } from '../../integrity/definition-ref.js';
import { isOurs } from '../../model/definition.js';
import type { Unchecked } from '../../model/inspection.js';
import type { Lock, LockedServer } from '../../model/lock.js';
import type { ServerId } from '../../model/server-id.js';
import { makeVisible } from '../../quote.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { saveDump } from '../dump-file.js';
import { printHints } from '../hints.js';
import { findLock, lockPath, pinsOf, saveLock } from '../lock-file.js';
import { readConfig, selectServers } from '../session.js';
import { type Look, lookAt } from '../without-store.js';

interface LockOptions {
  readonly lock?: string;
  readonly dump?: string;
  readonly schema?: true;
}

/** Adds `lock`: writes down what servers declare, to be reviewed like code. */
export function addLock(program: Command, run: Runner): void {
  program
    .command('lock')
    .description('write what servers declare into sealwatch.lock.json, for review and for CI')
    .argument('[server...]', 'names from the configuration; all of them otherwise')
    .option('--lock <file>', 'the lock (else sealwatch.lock.json beside the configuration)')
    .option('--dump <file>', 'also write the answers as received, for check --offline')
    .option('--schema', 'print the JSON Schema of the lock, and look at nothing')
    .addHelpText('after', EXAMPLES)
    .action(run(lock));
}

const EXAMPLES = `
Needs no store and approves nothing: whoever reviews the file does. Nothing is
written where a server could not be checked.

Examples:
  sealwatch lock               every server; read the file, then commit it
  sealwatch lock github        one server anew, the others as they are locked
  sealwatch lock --dump answers.json`;

type Seen = Extract<Look, { kind: 'seen' }>;

async function lock(cli: Cli, names: readonly string[], options: LockOptions): Promise<Outcome> {
  if (options.schema === true) return printSchema();
  const config = readConfig(cli);
  const file = lockPath(cli, config, options.lock);
  const kept = names.length === 0 ? undefined : findLock(file);
  const looks = await lookAt(selectServers(names, config), config, cli);
  const unchecked = looks.filter((look) => look.kind === 'unchecked');
  if (unchecked.length > 0) return couldNot(unchecked, file);
  const seen = looks.filter((look) => look.kind === 'seen');
  if (options.dump !== undefined) {
    saveDump(
      resolve(cli.io.cwd(), options.dump),
      seen.map(({ observation }) => observation),
    );
  }
  const next = toLock(seen, kept, config);
  return outcomeOf(next, seen, { file, changed: saveLock(file, next) });
}

function printSchema(): Outcome {
  const text = lockJsonSchema();
  return {
    exitCode: 0,
    json: { schema: text },
    print: (terminal) => {
      terminal.json(text);
    },
  };
}

/** In order, and without what the configuration no longer names. */
function toLock(seen: readonly Seen[], kept: Lock | undefined, { servers, disabled }: Config): Lock {
  const known = new Set<ServerId>([...servers.map(({ id }) => id), ...disabled]);
  const entries: (readonly [ServerId, LockedServer])[] = [
    ...[...(kept?.servers ?? [])].filter(([id]) => known.has(id)),
    ...seen.map(({ server, snapshot }) => {
      const { id, volatile } = server;
      return [id, lockServer(snapshot, { volatile, pins: pinsOf(server) })] as const;
    }),
  ];
  return { servers: new Map(entries) };
}

function outcomeOf(
  { servers }: Lock,
  seen: readonly Seen[],
  { file, changed }: { readonly file: string; readonly changed: boolean },
): Outcome {
  const leftOut = seen
    .flatMap(({ snapshot }) => snapshot.definitions)
    .filter((definition) => !isLockable(definition) && !isOurs(definition.ref))
    .map(({ refText }) => refText);
  const definitions = [...servers.values()].reduce((sum, one) => sum + one.definitions.length, 0);
  return {
    exitCode: leftOut.length === 0 ? 0 : 1,
    json: { lock: file, changed, servers: [...servers.keys()], definitions, leftOut },
    print: (terminal) => {
      const counts = `${servers.size} ${servers.size === 1 ? 'server' : 'servers'}, ${definitions} definitions`;
      terminal.line(changed ? `Wrote ${file}: ${counts}` : `Kept ${file}: it says the same (${counts})`);
      for (const ref of leftOut) {
        terminal.line(terminal.paint.yellow(`${makeVisible(shortRef(ref))} is malformed and cannot be locked`));
      }
      printHints(
        [
          ['git diff sealwatch.lock.json', 'read it: whoever commits it, approves it'],
          ['sealwatch check', 'compares the servers with it; in CI with --github'],
        ],
        terminal,
      );
    },
  };
}

/** A lock of some servers would look like one of all. */
function couldNot(unchecked: readonly Unchecked[], file: string): Outcome {
  return {
    exitCode: 2,
    json: {
      lock: file,
      changed: false,
      unchecked: unchecked.map(({ server, code, message }) => ({ server, error: { code, message } })),
    },
    print: (terminal) => {
      for (const { server, code, message } of unchecked)
        terminal.line(terminal.paint.magenta(`${server}: could not be checked: ${code} ${message}`));
      terminal.line(`Wrote nothing: ${file} is as it was.`);
    },
  };
}
