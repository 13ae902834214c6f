import { SealwatchError } from '../errors.js';
import { type Actor, actorText, type Endorsement, identityOf } from '../model/change-request.js';
import type { Settlement } from '../ports.js';
import { endorsementClaim } from './claims.js';
import type { EndorsementRow } from './people-tables.js';
import type { Scope } from './scope.js';
import type { RequestRow } from './tables.js';
import { digestOfRequest } from './tellings.js';
import type { Reading, Writing } from './transactions.js';
import { chunks } from './versions.js';

type Endorsed = Pick<RequestRow, 'id' | 'digest' | 'urgency' | 'body'>;

/**
 * Returns the approvals that requests have so far, each by the number of its request. Catch up with the log before.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` for one that nobody gave: it would let one person approve alone.
 */
export async function loadEndorsements(
  { rows, log }: Reading,
  requests: readonly Endorsed[],
): Promise<ReadonlyMap<number, readonly EndorsementRow[]>> {
  const found = await findEndorsements(rows, requests);
  for (const row of [...found.values()].flat()) await log.prove(rows, row.leaf, endorsementClaim(row));
  return found;
}

/** Returns what {@link loadEndorsements} does, not held against the log: for showing what this transaction just wrote. */
export async function findEndorsements(
  rows: Scope,
  requests: readonly Endorsed[],
): Promise<ReadonlyMap<number, readonly EndorsementRow[]>> {
  const digests = new Map(requests.map((request) => [request.id, digestOfRequest(request)]));
  const found = new Map<number, EndorsementRow[]>();
  for (const chunk of chunks([...digests.keys()])) {
    const stored = rows.select('endorsements').selectAll().where('request', 'in', chunk).orderBy('leaf');
    for (const row of await stored.execute()) {
      // One for another digest was for something else, or for what looked harmless then.
      if (digests.get(row.request) === row.digest) found.set(row.request, [...(found.get(row.request) ?? []), row]);
    }
  }
  return found;
}

/** Returns an endorsement in the form of the model. */
export function toEndorsement(row: EndorsementRow): Endorsement {
  return { by: row.endorsed_by, identity: row.identity, at: row.endorsed_at };
}

/** Keeps the first of two approvals, with its entry in the log. */
export async function saveEndorsement(
  writing: Writing,
  request: Endorsed,
  { actor, at, comment, link }: Pick<Settlement, 'actor' | 'at' | 'comment' | 'link'>,
): Promise<void> {
  const row = {
    request: request.id,
    digest: digestOfRequest(request),
    endorsed_by: actorText(actor),
    name: actor.name,
    identity: identityOf(actor),
    endorsed_at: at,
    comment: comment ?? null,
    link: link ?? null,
  };
  const leaf = await writing.append(endorsementClaim(row));
  await writing.rows.insert('endorsements', { ...row, leaf }).execute();
}

/** Forgets the approvals of a request that somebody rejected; their entries are ended by the rejection's. */
export async function removeEndorsements(rows: Scope, request: number): Promise<void> {
  await rows.remove('endorsements').where('request', '=', request).execute();
}

/**
 * Requires that an actor can be one of two persons, and is not the one who approved already.
 *
 * @throws {SealwatchError} `APPROVAL_REFUSED`, `APPROVAL_SAME_PERSON`
 */
export function expectAnotherPerson(actor: Actor, earlier: readonly EndorsementRow[]): void {
  if (actor.kind === 'policy' || UNCERTAIN.has(actor.how)) {
    const who = actor.kind === 'policy' ? 'a policy' : `who decides by ${actor.how}`;
    throw new SealwatchError(
      'APPROVAL_REFUSED',
      `this change needs two different persons, and ${who} is not known well enough to be one of them: sign in`,
    );
  }
  const same = earlier.find((one) => one.identity === identityOf(actor) || areAlike(one.name, actor.name));
  if (same === undefined) return;
  throw new SealwatchError(
    'APPROVAL_SAME_PERSON',
    `${same.endorsed_by} approved this change already at ${same.endorsed_at}: the second approval has to be another person's`,
  );
}

/** Names that whoever sits at the machine, or holds a link, can choose: one person could be two. */
const UNCERTAIN: ReadonlySet<string> = new Set(['link', 'terminal', 'console', 'api-token']);

/** One person who signs in once and uses a token another time has two identities and mostly one name. */
function areAlike(one: string, other: string): boolean {
  return one.normalize('NFKC').toLowerCase() === other.normalize('NFKC').toLowerCase();
}
