import { basename, resolve } from 'node:path';

import type { Command } from 'commander';

import type { Config } from '../../config/config.js';
import { suggestServerId } from '../../config/to-server.js';
import { SealwatchError } from '../../errors.js';
import { LOCKED_KINDS } from '../../lock/lock-server.js';
import { readLock, readStrictly } from '../../lock/read-lock.js';
import { isMcpPinLock, type LockEntry, readMcpPinLock } from '../../lock/read-mcp-pin-lock.js';
import { takeLocked } from '../../lock/take-locked.js';
import type { ChangeRequest } from '../../model/change-request.js';
import type { RefText } from '../../model/definition.js';
import type { JsonObject } from '../../model/json.js';
import type { Server } from '../../model/server.js';
import type { MonitorDeps } from '../../monitor/deps.js';
import { importLock } from '../../monitor/import-lock.js';
import { quote } from '../../quote.js';
import { requestJson } from '../../render/request-json.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { printRequest } from '../held-lines.js';
import { printHints } from '../hints.js';
import { readText } from '../lock-file.js';
import { withSession } from '../session.js';

/** Adds `import`: asks people to approve what a lock says. */
export function addImport(program: Command, run: Runner): void {
  program
    .command('import')
    .description('ask people to approve what a lock says; approves nothing by itself')
    .argument('<file>', 'sealwatch.lock.json, or mcp-pin.lock')
    .addHelpText('after', EXAMPLES)
    .action(run(importFile));
}

const EXAMPLES = `
Opens one change request for each server of the configuration that the lock
says something else about than what is approved. Exit code 1 while one waits. It
can be approved as soon as the server shows exactly that; where it shows
something else, another request takes its place.

Examples:
  sealwatch import sealwatch.lock.json
  sealwatch import ../other/mcp-pin.lock`;

type Entry = LockEntry & { readonly provenance: JsonObject | undefined };

interface Imported {
  readonly request: ChangeRequest | undefined;
  readonly left: readonly RefText[];
}

async function importFile(cli: Cli, file: string): Promise<Outcome> {
  const path = resolve(cli.io.cwd(), file);
  const text = readText(path);
  if (text === undefined) throw new SealwatchError('LOCK_MISSING', `there is no lock ${path}`);
  const entries = readEntries(text, file);
  return await withSession(cli, async ({ config, deps }) => {
    const imported: Imported[] = [];
    const unknown: string[] = [];
    for (const entry of entries) {
      const server = serverOf(entry, config);
      if (server === undefined) unknown.push(entry.name);
      else imported.push(await importEntry(server, entry, deps));
    }
    return outcomeOf(basename(file), imported, unknown);
  });
}

function readEntries(text: string, file: string): readonly Entry[] {
  const value = readStrictly(text, file);
  if (isMcpPinLock(value)) return readMcpPinLock(value, file).map((entry) => ({ ...entry, provenance: undefined }));
  return [...readLock(text, file).servers].map(([name, { definitions, provenance }]) => ({
    name,
    kinds: LOCKED_KINDS,
    definitions: definitions.filter(({ kind }) => LOCKED_KINDS.includes(kind)),
    provenance,
  }));
}

/** Other tools allow names that are none here: `My Server` is `my-server`. */
function serverOf({ name }: Entry, { servers }: Config): Server | undefined {
  return servers.find(({ id }) => id === name) ?? servers.find(({ id }) => id === suggestServerId(name));
}

async function importEntry(server: Server, entry: Entry, deps: MonitorDeps): Promise<Imported> {
  const { kinds, provenance } = entry;
  const { definitions, left } = takeLocked(server.id, entry.definitions, server.volatile);
  const { request } = await importLock(server, { kinds, definitions, left, provenance }, deps);
  return { request, left };
}

function outcomeOf(file: string, imported: readonly Imported[], unknown: readonly string[]): Outcome {
  if (imported.length === 0) {
    const names = unknown.map((name) => quote(name, 60)).join(', ');
    throw new SealwatchError('NOT_FOUND', `no server of ${file} is in the configuration (it has: ${names || 'none'})`);
  }
  const requests = imported.flatMap(({ request }) => request ?? []);
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
