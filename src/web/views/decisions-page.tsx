import type { ChangeRequest } from '../../model/change-request.js';
import type { Principal } from '../../model/principal.js';
import type { ItemOutcome } from '../../monitor/decide.js';
import { Layout } from './layout.js';
import { reasonText } from './refusal-words.js';
import { headline } from './request-heading.js';

interface Props {
  readonly basePath: string;
  readonly principal: Principal;
  readonly decision: 'approve' | 'reject';
  readonly outcomes: readonly ItemOutcome[];
}

/** Returns what became of each request that was decided together with others. */
export function DecisionsPage(props: Props) {
  const { basePath, principal, decision, outcomes } = props;
  const failed = outcomes.filter(({ outcome }) => 'code' in outcome).length;
  const taken = outcomes.length - failed;
  return (
    <Layout title="What became of it" site={{ basePath }} principal={principal} current="inbox">
      <h1>{summary(decision, taken, failed)}</h1>
      <section aria-label="Each request">
        <ul class="plain-list">
          {outcomes.map((one) => (
            <li>
              <Outcome {...one} basePath={basePath} />
            </li>
          ))}
        </ul>
      </section>
      <p>
        <a href={`${basePath}/`}>Back to the inbox</a>
      </p>
    </Layout>
  );
}

function summary(decision: 'approve' | 'reject', taken: number, failed: number): string {
  const done = `${taken} ${decision === 'approve' ? 'approved' : 'rejected'}`;
  return failed === 0 ? done : `${done}, ${failed} not decided`;
}

function Outcome({ request, outcome, basePath }: ItemOutcome & { readonly basePath: string }) {
  const link = <a href={`${basePath}/requests/${request}`}>Request {request}</a>;
  if ('code' in outcome) {
    return (
      <>
        {link}: <strong>not decided.</strong> {reasonText(outcome.code)} <code>{outcome.code}</code>
      </>
    );
  }
  return (
    <>
      {link}, {headline(outcome)}: <strong>{stateText(outcome)}</strong>
    </>
  );
}

function stateText({ state, endorsements }: ChangeRequest): string {
  return state === 'open' && endorsements.length > 0 ? 'approved by you; it needs another person' : state;
}
