import { actorText, type ChangeRequest } from '../../model/change-request.js';
import { isMalformed } from '../../model/fingerprint.js';
import { actorOf, type Principal } from '../../model/principal.js';
import { makeVisible } from '../../quote.js';
import { Moment } from './moment.js';

/** Where a page and the enrolment are, as paths on our own site. */
export interface Here {
  readonly basePath: string;
  readonly path: string;
  readonly enrolPath: string;
  readonly token: string;
}

interface Props {
  readonly request: ChangeRequest;
  readonly recipient: string;
  readonly expiresAt: string;
  /** Who is known and may decide. */
  readonly approver: Principal | undefined;
  readonly here: Here;
}

/** Returns the form that decides. It carries the digest of what is shown above it: something else is never approved by it. */
export function DecisionSection(props: Props) {
  const { request, here } = props;
  return (
    <section aria-labelledby="decide">
      <h2 id="decide">Decide</h2>
      <Caveats request={request} />
      <form method="post" action={here.path}>
        <input type="hidden" name="digest" value={request.digest} />
        <label for="comment">Comment (optional)</label>
        <textarea id="comment" name="comment" rows={3} maxlength={2000} aria-describedby="comment-hint" />
        <p class="hint" id="comment-hint">
          It is kept with the decision in the audit log.
        </p>
        <div class="buttons">
          {request.target.size === 0 ? null : (
            <button type="submit" name="decision" value="approve" class={approveClass(request)}>
              Approve this change
            </button>
          )}
          <button type="submit" name="decision" value="reject" class="reject">
            Reject
          </button>
        </div>
      </form>
      <Recorded {...props} />
    </section>
  );
}

function Recorded({ approver, recipient, expiresAt }: Props) {
  const as =
    approver === undefined ? `link issued to ${makeVisible(recipient)}` : makeVisible(actorText(actorOf(approver)));
  return (
    <p class="hint">
      The decision is recorded as: {as}. Rejecting keeps the change on hold. The link works once, until{' '}
      <Moment iso={expiresAt} />.
    </p>
  );
}

/** Returns the look of the button that approves: what is urgent is not what a hurried eye should land on. */
export function approveClass({ urgency }: Pick<ChangeRequest, 'urgency'>): string {
  return urgency === 'critical' || urgency === 'high' ? 'approve plain' : 'approve';
}

/** Returns what approving does not do, said before somebody relies on it: what is blocked or malformed is not in the target. */
export function Caveats({ request }: { readonly request: ChangeRequest }) {
  const rules = [...new Set(request.findings.filter(({ blocks }) => blocks).map(({ rule }) => rule))];
  const malformed = request.changes.some(({ after }) => after !== undefined && isMalformed(after));
  return (
    <>
      {rules.length === 0 ? null : (
        <p>
          What the {rules.length === 1 ? 'rule' : 'rules'} <code>{rules.join(', ')}</code> found stays blocked whatever
          is decided here, until there is a waiver: <code>sealwatch waive</code>.
        </p>
      )}
      {malformed ? <p>What is malformed cannot be approved and stays on hold.</p> : null}
      {request.target.size === 0 ? <p>Nothing else is in this request, so there is nothing to approve.</p> : null}
    </>
  );
}
