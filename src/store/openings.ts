import type { Store } from '../ports.js';
import { expectRequest } from './requests.js';
import type { Scope } from './scope.js';
import { chunks } from './versions.js';

type Opened = Parameters<Store['noteOpened']>[0];

/** Returns whether a person looked at exactly this change already. */
export async function hasOpening(rows: Scope, { request, digest, person }: Opened): Promise<boolean> {
  const opening = rows.select('openings').select('digest').where('person', '=', person).where('request', '=', request);
  return (await opening.where('digest', '=', digest).executeTakeFirst()) !== undefined;
}

/** Notes that a person looked at exactly this change; the first time stands. @throws {SealwatchError} `NOT_FOUND` */
export async function saveOpening(rows: Scope, { request, digest, person, at }: Opened): Promise<void> {
  await expectRequest(rows, request);
  await rows
    .insert('openings', { person, request, digest, opened_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Returns the digests that a person looked at, among these requests. */
export async function findOpenings(
  rows: Scope,
  person: string,
  requests: readonly number[],
): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const chunk of chunks(requests)) {
    const found = rows.select('openings').select('digest').where('person', '=', person).where('request', 'in', chunk);
    for (const { digest } of await found.execute()) digests.add(digest);
  }
  return digests;
}
