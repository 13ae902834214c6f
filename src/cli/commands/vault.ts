import type { Command } from 'commander';

import type { Store } from '../../ports.js';
import { createVault } from '../../store/vault.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { takeServiceLock } from '../service-lock.js';
import { withSession } from '../session.js';
import { systemClock, systemRandom } from '../system.js';
import { givenKeySource, newKey, readVaultKeys, type VaultKeys, writeVaultKeys } from '../vault-key.js';

const ROTATE_HELP = `
Where the key comes from vault.key, a new one is made. Where it comes from
SEALWATCH_KEY, or from the command in SEALWATCH_KEY_COMMAND, let that give the
new key in front of the old one, with a comma between, run this, and take the
old one away. Stop the service before. It can be run again after a crash.

Examples:
  sealwatch vault rotate
  SEALWATCH_KEY="$NEW,$OLD" sealwatch vault rotate`;

/** Adds `vault rotate`. */
export function addVault(program: Command, run: Runner): void {
  const vault = program.command('vault').description('the secrets that are kept');
  vault
    .command('rotate')
    .description('seal every secret that is kept with a new key')
    .addHelpText('after', ROTATE_HELP)
    .action(run(rotate));
}

async function rotate(cli: Cli): Promise<Outcome> {
  return await withSession(cli, async ({ config: { stateDir }, deps: { store } }) => {
    // A service has the old keys in its memory, and would keep what it renews under these.
    const lock = takeServiceLock(stateDir);
    try {
      return rotated(await sealAll(cli, stateDir, store), givenKeySource(cli.env));
    } finally {
      lock.release();
    }
  });
}

async function sealAll(cli: Cli, stateDir: string, store: Store): Promise<number> {
  const before = readVaultKeys(stateDir, cli.env, systemRandom);
  if (givenKeySource(cli.env) !== undefined) return await sealAgain(store, stateDir, before);
  const keys: VaultKeys = [newKey(systemRandom), ...before];
  // The new key is on the disk before anything is sealed with it, and the old ones until nothing is.
  writeVaultKeys(stateDir, keys);
  const count = await sealAgain(store, stateDir, keys);
  writeVaultKeys(stateDir, [keys[0]]);
  return count;
}

function rotated(count: number, source: string | undefined): Outcome {
  return {
    exitCode: 0,
    json: { sealed: count },
    print: (terminal) => {
      terminal.line(`${count} ${count === 1 ? 'secret is' : 'secrets are'} sealed with the new key.`);
      if (source !== undefined) terminal.line(`The old key in ${source} is not needed any more.`);
    },
  };
}

async function sealAgain(store: Store, folder: string, keys: VaultKeys): Promise<number> {
  const vault = createVault(store, { keys, clock: systemClock, random: systemRandom, folder });
  const names = await store.listSealed();
  for (const name of names) await vault.alone(name, async () => vault.save(name, await vault.load(name)));
  return names.length;
}
