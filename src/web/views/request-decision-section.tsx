import { makeVisible } from '../../quote.js';
import { approveClass, Caveats } from './decision-section.js';
import type { RequestPageProps } from './request-page-props.js';

type Props = RequestPageProps & { readonly path: string };

/** Returns the form that decides, for whoever may; it carries the digest of what is shown, so nothing else is decided by it. */
export function RequestDecisionSection(props: Props) {
  const { opened, principal, path } = props;
  const { request } = opened.view;
  if (!opened.mayDecide) return <MayNot {...props} />;
  const isOpen = request.state === 'open';
  return (
    <section aria-labelledby="decide">
      <h2 id="decide">{isOpen ? 'Decide' : 'Approve it after all'}</h2>
      <Persons {...props} />
      <Caveats request={request} />
      <form method="post" action={`${path}/decision`}>
        <input type="hidden" name="digest" value={request.digest} />
        <label for="comment">Comment (optional)</label>
        <textarea id="comment" name="comment" rows={3} maxlength={2000} aria-describedby="comment-hint" />
        <p class="hint" id="comment-hint">
          It is kept with the decision in the audit log, under the name {makeVisible(principal.name)}.
        </p>
        <div class="buttons">
          {request.target.size === 0 || opened.isEndorsedByReader ? null : (
            <button type="submit" name="decision" value="approve" class={approveClass(request)}>
              {needsAnother(props) ? 'Approve as the first of two' : 'Approve this change'}
            </button>
          )}
          {isOpen ? (
            <button type="submit" name="decision" value="reject" class="reject">
              Reject
            </button>
          ) : null}
        </div>
      </form>
    </section>
  );
}

function needsAnother({ opened }: Props): boolean {
  return opened.personsNeeded === 2 && opened.view.request.endorsements.length === 0;
}

function Persons({ opened }: Props) {
  const { endorsements } = opened.view.request;
  if (opened.personsNeeded === 1) return null;
  if (opened.isEndorsedByReader)
    return <p>You approved this change. Another person is needed; you can still reject it.</p>;
  const [first] = endorsements;
  return (
    <p>
      {first === undefined
        ? 'This change needs two different persons. After the first approval it stays on hold.'
        : `${makeVisible(first.by)} approved this change. It takes effect when another person approves it too.`}
    </p>
  );
}

function MayNot({ opened }: Props) {
  if (opened.view.request.state !== 'open') return null;
  return (
    <section aria-labelledby="decide">
      <h2 id="decide">It waits for an approver</h2>
      <p>You may look at this server and not decide about it.</p>
    </section>
  );
}
