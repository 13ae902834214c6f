import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Command } from 'commander';

import { codeOf, SealwatchError } from '../../errors.js';
import { findConfig, CONFIG_FILE } from '../../config/find-config.js';
import { CONFIG_TEMPLATE } from '../../config/template.js';
import { createStore } from '../../store/open-store.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { printHints } from '../hints.js';
import { readConfig } from '../session.js';
import { systemClock, systemRandom } from '../system.js';
import { givenKeySource, readVaultKeys } from '../vault-key.js';

/** Adds `init`: the only command, beside the demonstration, that creates a store. */
export function addInit(program: Command, run: Runner): void {
  program
    .command('init')
    .description('write a commented configuration, unless there is one, and create the store')
    .addHelpText('after', EXAMPLES)
    .action(run(init));
}

const EXAMPLES = `
Examples:
  sealwatch init                        in this folder
  sealwatch --config /etc/sealwatch.yaml --state-dir /var/lib/sealwatch init`;

async function init(cli: Cli): Promise<Outcome> {
  const written = writeConfig(cli);
  const { file, stateDir } = readConfig(cli);
  const created = await createStoreUnlessThere(stateDir);
  makeVaultKey(cli, stateDir);
  return {
    exitCode: 0,
    json: { config: file, configWritten: written, stateDir, storeCreated: created },
    print: (terminal) => {
      terminal.line(written ? `Wrote ${file}` : `Kept ${file}: it was there already`);
      terminal.line(
        created ? `Created the store in ${stateDir}` : `Kept the store in ${stateDir}: it was there already`,
      );
      printHints(
        [
          ['sealwatch config check', 'after adding your servers to the file'],
          ['sealwatch scan', 'looks at them for the first time; everything is held'],
          ['sealwatch approve --all', 'approves that first state, after showing it'],
        ],
        terminal,
      );
    },
  };
}

/** Returns whether a file was written: never over one that is there. */
function writeConfig({ flags, io }: Cli): boolean {
  if (isThere(flags.config, io.cwd())) return false;
  const file = flags.config === undefined ? join(io.cwd(), CONFIG_FILE) : resolve(io.cwd(), flags.config);
  try {
    writeFileSync(file, CONFIG_TEMPLATE, { flag: 'wx' });
  } catch (cause) {
    throw new SealwatchError('CONFIG_UNREADABLE', `cannot write ${file}`, { cause });
  }
  return true;
}

/** There from the beginning, beside the store whose secrets it seals. */
function makeVaultKey({ env }: Cli, stateDir: string): void {
  if (givenKeySource(env) === undefined) readVaultKeys(stateDir, env, systemRandom);
}

function isThere(file: string | undefined, cwd: string): boolean {
  try {
    return findConfig(file, cwd) !== '';
  } catch (error) {
    if (codeOf(error) === 'CONFIG_NOT_FOUND') return false;
    throw error;
  }
}

/** Returns whether a store was created. */
export async function createStoreUnlessThere(stateDir: string): Promise<boolean> {
  try {
    await createStore(stateDir, { clock: systemClock, random: systemRandom });
    return true;
  } catch (error) {
    if (codeOf(error) === 'STORE_EXISTS') return false;
    throw error;
  }
}
