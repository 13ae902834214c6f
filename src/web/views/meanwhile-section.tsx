import type { ChangeRequest } from '../../model/change-request.js';
import type { RefText } from '../../model/definition.js';

/** Returns what happens while nobody has approved it, definition by definition; nothing for a request that holds nothing any more. */
export function MeanwhileSection({ request }: { readonly request: ChangeRequest }) {
  if (request.state !== 'open' && request.state !== 'rejected') return null;
  const { changes, findings, review } = request;
  const present = changes.filter(({ after }) => after !== undefined);
  const blocked = new Set(findings.filter(({ blocks }) => blocks).map(({ refText }) => refText));
  const held = present.map(({ refText }) => refText).filter((refText) => !blocked.has(refText));
  const isMoved = changes.some(({ ref }) => ref.kind === 'provenance');
  return (
    <section aria-labelledby="meanwhile">
      <h2 id="meanwhile">What happens meanwhile</h2>
      <Definitions refTexts={held}>On hold: not approved for any agent.</Definitions>
      <Definitions refTexts={[...blocked]}>
        Blocked by a rule: on hold, and approving alone does not release it.
      </Definitions>
      {isMoved ? (
        <p>Everything else of this server is on hold too, since it comes from somewhere else than what was approved.</p>
      ) : (
        <p>
          {held.length + blocked.size === 0
            ? 'Nothing is on hold.'
            : 'Whatever else is approved of this server stays allowed.'}
        </p>
      )}
      {held.length + blocked.size === 0 ? null : (
        <p class="hint">
          Sealwatch reports a hold and does not stand between client and server yet: a client that connects directly
          still gets what the server sends. Disable the server there if it must not wait.
        </p>
      )}
      {review.length === 0 ? null : <p>What is due to be looked at again stays allowed, unless a rule blocks it.</p>}
    </section>
  );
}

/** More are on the page of the server. */
const MAX_LISTED = 12;

/** References are percent-encoded, so they are safe to show as they are. */
function Definitions(props: { readonly refTexts: readonly RefText[]; readonly children?: string }) {
  const { refTexts } = props;
  if (refTexts.length === 0) return null;
  return (
    <>
      <p>{props.children}</p>
      <ul>
        {refTexts.slice(0, MAX_LISTED).map((refText) => (
          <li>
            <code>{refText}</code>
          </li>
        ))}
        {refTexts.length > MAX_LISTED ? <li>and {refTexts.length - MAX_LISTED} more</li> : null}
      </ul>
    </>
  );
}
