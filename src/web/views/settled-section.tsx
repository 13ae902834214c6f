import type { ChangeRequest, RequestState } from '../../model/change-request.js';
import type { RefText } from '../../model/definition.js';
import { makeVisible, makeVisibleLines } from '../../quote.js';
import { Moment } from './moment.js';
import { Prose } from './prose.js';

/** Returns who settled a request, when and how, and what holds since. */
export function SettledSection({ request }: { readonly request: ChangeRequest }) {
  const { state, settledAt, settledBy, comment, changes } = request;
  return (
    <section class="notice" aria-labelledby="outcome">
      <h2 id="outcome">{TITLE[state]}</h2>
      {settledAt === undefined ? null : (
        <p>
          {settledBy === undefined ? 'Settled' : `By ${makeVisible(settledBy)}`}, <Moment iso={settledAt} />
        </p>
      )}
      {comment === undefined ? null : <p class="comment">Comment: {makeVisibleLines(comment)}</p>}
      <p>
        <Prose text={consequence(request)} />
      </p>
      <Definitions refTexts={changes.map(({ refText }) => refText).filter((refText) => isSettled(refText, request))} />
      {state === 'approved' && changes.some(({ refText }) => !request.target.has(refText)) ? (
        <>
          <p>Blocked by a rule or malformed, and still on hold:</p>
          <Definitions refTexts={changes.map(({ refText }) => refText).filter((ref) => !request.target.has(ref))} />
        </>
      ) : null}
    </section>
  );
}

/** What is blocked or malformed is in the request, but approving it leaves that out. */
function isSettled(refText: RefText, { state, target }: ChangeRequest): boolean {
  return state !== 'approved' || target.has(refText);
}

/** References are percent-encoded, so they are safe to show as they are. */
function Definitions({ refTexts }: { readonly refTexts: readonly RefText[] }) {
  if (refTexts.length === 0) return null;
  return (
    <ul>
      {refTexts.slice(0, MAX_LISTED).map((refText) => (
        <li>
          <code>{refText}</code>
        </li>
      ))}
      {refTexts.length > MAX_LISTED ? <li>and {refTexts.length - MAX_LISTED} more</li> : null}
    </ul>
  );
}

const MAX_LISTED = 20;

const TITLE: Readonly<Record<RequestState, string>> = {
  open: 'Open',
  approved: 'Approved',
  rejected: 'Rejected',
  superseded: 'Superseded',
  withdrawn: 'Withdrawn',
};

function consequence(request: ChangeRequest): string {
  const { id, state, supersededBy, endorsements } = request;
  switch (state) {
    case 'open':
      return endorsements.length === 0
        ? 'It waits for a decision.'
        : 'One person approved it. It stays on hold until another one does.';
    case 'approved':
      return 'Approved for exactly this version: another change is asked about anew. To take it back: `sealwatch revoke`.';
    case 'rejected':
      return `These stay on hold and are not asked about again. It can still be approved: \`sealwatch approve ${id}\`.`;
    case 'superseded':
      return supersededBy === undefined
        ? 'The server drifted on, and a newer request replaced this one.'
        : `The server drifted on, and request ${supersededBy} replaced this one.`;
    case 'withdrawn':
      return 'The server went back to what is approved, so nothing is left to decide.';
  }
}
