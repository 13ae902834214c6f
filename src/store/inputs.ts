import type { AuditType } from '../model/audit.js';
import { SEALWATCH } from './claims.js';
import type { Scope } from './scope.js';
import { deleteAllSessions } from './sessions.js';
import type { Reading, Writing } from './transactions.js';

/** Digests of what, besides the servers, decides. */
export interface Inputs {
  readonly configuration: string;
  readonly rules: string;
}

/** Returns whether an input is another than before. */
export async function areNew({ rows }: Reading, inputs: Inputs): Promise<boolean> {
  const stored = await loadInputs(rows);
  return NAMES.some((name) => stored.get(name) !== inputs[name]);
}

/** Writes every input that is another than before to the log. */
export async function saveInputs(writing: Writing, inputs: Inputs, at: string): Promise<void> {
  const stored = await loadInputs(writing.rows);
  for (const name of NAMES.filter((one) => stored.get(one) !== inputs[one])) {
    const digest = inputs[name];
    const details = { before: stored.get(name) ?? null, after: digest };
    await writing.append({ type: TYPES[name], at, actor: SEALWATCH, details });
    await writing.rows.remove('inputs').where('name', '=', name).execute();
    await writing.rows.insert('inputs', { name, digest }).execute();
    // Who may sign in, as what and for how long, may be what changed: everybody signs in anew.
    if (name === 'configuration') await deleteAllSessions(writing, at);
  }
}

const NAMES = ['configuration', 'rules'] as const satisfies readonly (keyof Inputs)[];

const TYPES: Readonly<Record<keyof Inputs, AuditType>> = {
  configuration: 'configuration-changed',
  rules: 'rules-changed',
};

async function loadInputs(rows: Scope): Promise<ReadonlyMap<string, string>> {
  const stored = await rows.select('inputs').select(['name', 'digest']).execute();
  return new Map(stored.map(({ name, digest }) => [name, digest]));
}
