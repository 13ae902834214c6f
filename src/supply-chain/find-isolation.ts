import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';

import { type Isolation, ISOLATION_KINDS, type IsolationKind } from './isolation.js';
import { proveIsolation } from './prove-isolation.js';

/** What isolates programs on this machine, or why nothing does; then nothing may be started for a trial. */
export type FoundIsolation = Isolation | { readonly kind: 'none'; readonly why: string };

/** Where to look, and what for. */
export interface IsolationSearch {
  /** Folders of the system: a program of our own PATH could be anybody's. */
  readonly folders?: readonly string[];
  readonly kinds?: readonly IsolationKind[];
  /** Of our own user; only root can start something as another user. */
  readonly uid: number | undefined;
}

/** Returns the best isolation that is proven to work here: each was tried with a program that looks around in it. */
export async function findIsolation(
  { folders = SYSTEM_PATH, kinds = ISOLATION_KINDS, uid }: IsolationSearch,
  signal: AbortSignal,
): Promise<FoundIsolation> {
  const reasons: string[] = [];
  for (const kind of kinds) {
    const why = await whyNot(kind, folders, uid, signal);
    if (typeof why !== 'string') return why;
    reasons.push(`${kind}: ${why}`);
  }
  return { kind: 'none', why: reasons.length === 0 ? 'no isolation was looked for' : reasons.join('; ') };
}

async function whyNot(
  kind: IsolationKind,
  folders: readonly string[],
  uid: number | undefined,
  signal: AbortSignal,
): Promise<Isolation | string> {
  if (kind === 'other-user' && uid !== 0) return 'only root can start a program as another user';
  const name = kind === 'bubblewrap' ? 'bwrap' : 'unshare';
  const program = await findIn(folders, name);
  if (program === undefined) return `there is no ${name}`;
  const isolation: Isolation = { kind, program };
  const proof = await proveIsolation(isolation, signal);
  return proof.kind === 'proven' ? isolation : proof.why;
}

async function findIn(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder: the next one is looked at, and in the end there is none.
    }
  }
  return undefined;
}

const SYSTEM_PATH = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
