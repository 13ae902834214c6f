import type { Scope } from './scope.js';

/** Returns the sealed text that is kept under a name. */
export async function loadSealed(rows: Scope, name: string): Promise<string | undefined> {
  const row = await rows.select('sealed').select('text').where('name', '=', name).executeTakeFirst();
  return row?.text;
}

/** Returns the names under which something is kept. */
export async function listSealed(rows: Scope): Promise<readonly string[]> {
  const found = await rows.select('sealed').select('name').orderBy('name').execute();
  return found.map(({ name }) => name);
}

/** Keeps a sealed text under a name, in place of the one before; `undefined` keeps none. */
export async function saveSealed(rows: Scope, name: string, text: string | undefined, at: string): Promise<void> {
  await rows.remove('sealed').where('name', '=', name).execute();
  if (text !== undefined) await rows.insert('sealed', { name, text, at }).execute();
}
