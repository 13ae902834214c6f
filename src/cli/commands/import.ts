import { basename, resolve } from 'node:path';

import type { Command } from 'commander';

import type { Config } from '../../config/config.js';
import { suggestServerId } from '../../config/to-server.js';
import { SealwatchError } from '../../errors.js';
import { readLock, readStrictly } from '../../lock/read-lock.js';
import { isMcpPinLock, readMcpPinLock } from '../../lock/read-mcp-pin-lock.js';
import { DEFINITION_KINDS, type DefinitionKind } from '../../model/definition.js';
import type { LockedDefinition } from '../../model/lock.js';
import type { Server } from '../../model/server.js';
import type { MonitorDeps } from '../../monitor/deps.js';
import { type Import, importLock } from '../../monitor/import-lock.js';
import { requestJson } from '../../render/request-json.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { printRequest } from '../held-lines.js';
import { printHints } from '../hints.js';
import { readText } from '../lock-file.js';
import { quote } from '../../quote.js';
import { withSession } from '../session.js';

/** Adds `import`: asks people to approve what a lock says. */
export function addImport(program: Command, run: Runner): void {
  program
    .command('import')
    .description('ask people to approve what a lock file says; approves nothing by itself')
    .argument('<file>', 'sealwatch.lock.json, or mcp-pin.lock')
    .addHelpText('after', EXAMPLES)
    .action(run(importFile));
}

const EXAMPLES = `
Opens one change request for each server of the configuration that the lock says
something else about than what is approved. Exit code 1 while one waits. It can be
approved as soon as the server shows exactly that; one that shows something else
makes another request of it.

Examples:
  sealwatch import sealwatch.lock.json
  sealwatch import ../other/mcp-pin.lock`;

/** What a file says of one server. */
interface Entry {
  readonly name: string;
  readonly kinds: readonly DefinitionKind[];
  readonly definitionsOf: (server: Server) => readonly LockedDefinition[];
}

interface Imported extends Import {
  readonly server: string;
}

async function importFile(cli: Cli, file: string): Promise<Outcome> {
  const entries = readEntries(readText(resolve(cli.io.cwd(), file)));
  return await withSession(cli, async ({ config, deps }) => {
    const imported: Imported[] = [];
    const unknown: string[] = [];
    for (const entry of entries) {
      const server = serverOf(entry, config);
      if (server === undefined) unknown.push(entry.name);
      else imported.push({ server: server.id, ...(await importEntry(server, entry, deps)) });
    }
    return outcomeOf(basename(file), imported, unknown);
  });
}

function readEntries(text: string): readonly Entry[] {
  const value = readStrictly(text);
  if (isMcpPinLock(value)) {
    return readMcpPinLock(value).map(({ name, kinds, definitionsOf }) => ({
      name,
      kinds,
      definitionsOf: ({ id }) => definitionsOf(id),
    }));
  }
  return readLock(text).servers.map(({ server, definitions }) => ({
    name: server,
    kinds: DEFINITION_KINDS,
    definitionsOf: () => definitions,
  }));
}

/** Other tools allow names that are none here: `My Server` is `my-server`. */
function serverOf({ name }: Entry, { servers }: Config): Server | undefined {
  return servers.find(({ id }) => id === name) ?? servers.find(({ id }) => id === suggestServerId(name));
}

async function importEntry(server: Server, entry: Entry, deps: MonitorDeps): Promise<Import> {
  return await importLock(server, entry.definitionsOf(server), entry.kinds, deps);
}

function outcomeOf(file: string, imported: readonly Imported[], unknown: readonly string[]): Outcome {
  if (imported.length === 0) {
    const names = unknown.map((name) => quote(name, 60)).join(', ');
    throw new SealwatchError('NOT_FOUND', `no server of ${file} is in the configuration (it has: ${names || 'none'})`);
  }
  const requests = imported.flatMap(({ recorded }) => recorded.request ?? []);
  const left = imported.flatMap((one) => one.left);
  const isSettled = requests.length === 0 && left.length === 0 && unknown.length === 0;
  return {
    exitCode: isSettled ? 0 : 1,
    json: { requests: requests.map(requestJson), notConfigured: unknown, left },
    print: (terminal) => {
      for (const request of requests) printRequest(request, terminal);
      for (const name of unknown) terminal.line(`${quote(name, 60)}: in ${file}, but not in the configuration`);
      for (const ref of left) terminal.line(`${ref}: left out, its text does not show what its fingerprint is of`);
      if (isSettled) terminal.line(`Everything in ${file} is approved already.`);
      if (requests[0] === undefined) return;
      printHints(
        [
          [`sealwatch diff ${requests[0].id}`, 'shows it'],
          ['sealwatch scan', 'looks whether the server shows the same: then it can be approved'],
        ],
        terminal,
      );
    },
  };
}
