import type { Consent } from '../../model/consent.js';
import type { Principal } from '../../model/principal.js';
import { makeVisible, makeVisibleLines } from '../../quote.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';

/** Why an answer that was just sent was not taken. */
export type ConsentRefusal = 'APPROVAL_STALE' | 'APPROVAL_SETTLED';

interface Props {
  readonly basePath: string;
  readonly principal: Principal;
  readonly consent: Consent;
  /** Whether it is too late to answer. */
  readonly isExpired: boolean;
  readonly refusal: ConsentRefusal | undefined;
}

/** Returns the page on which a person says whether a tool may be called. */
export function ConsentPage(props: Props) {
  const { basePath, principal, consent, refusal } = props;
  return (
    <Layout title="A call that waits for you" site={{ basePath }} principal={principal}>
      <h1>
        May {makeVisible(consent.tool)} of {consent.server} be called?
      </h1>
      {refusal === undefined ? null : (
        <section class="notice" role="alert">
          <p>
            Your answer was not taken: {REFUSED[refusal]} Code: <code>{refusal}</code>
          </p>
        </section>
      )}
      <Facts {...props} />
      <Arguments consent={consent} />
      <Answer {...props} />
    </Layout>
  );
}

const REFUSED: Readonly<Record<ConsentRefusal, string>> = {
  APPROVAL_STALE: 'nobody answered in time.',
  APPROVAL_SETTLED: 'it was answered before.',
};

function Facts({ basePath, consent }: Props) {
  const { server, tool, version, subject, client, askedAt, covers } = consent;
  return (
    <dl class="facts">
      <dt>Tool</dt>
      <dd dir="ltr">
        <code>{makeVisible(tool)}</code> of <a href={`${basePath}/servers/${server}`}>{server}</a>
        {version === undefined ? ', which nobody has approved' : null}
      </dd>
      <dt>Who calls</dt>
      <dd dir="ltr">
        {makeVisible(subject)}
        {client === undefined ? null : `, with ${client}`}
      </dd>
      <dt>Asked</dt>
      <dd>
        <Moment iso={askedAt} />
      </dd>
      <dt>Your answer is for</dt>
      <dd>
        {covers === 'call'
          ? 'this one call, with exactly these arguments'
          : 'every call of this tool in this session of the client, for twelve hours at most, with whatever arguments'}
      </dd>
    </dl>
  );
}

function Arguments({ consent }: { readonly consent: Consent }) {
  return (
    <section aria-labelledby="arguments">
      <h2 id="arguments">What it is called with</h2>
      <pre>{makeVisibleLines(JSON.stringify(JSON.parse(consent.parameters), undefined, 2))}</pre>
      <p class="hint">
        What stands as [redacted] is the value of a password, token or key that the approved definition asks for;
        nothing else is left out. The arguments come from the client, and a model may have written them.
      </p>
    </section>
  );
}

function Answer({ basePath, consent, isExpired }: Props) {
  const { id, state, decidedBy, decidedAt, expiresAt } = consent;
  if (state !== 'waiting') {
    return (
      <section class="notice" aria-labelledby="outcome">
        <h2 id="outcome">{state === 'refused' ? 'It was not allowed' : 'It was allowed'}</h2>
        <p>
          By {makeVisible(decidedBy ?? '')}, <Moment iso={decidedAt ?? ''} />. {THEN[state]}
        </p>
      </section>
    );
  }
  if (isExpired) return <p>Nobody answered in time. The client can call it again, and asks anew.</p>;
  return (
    <section aria-labelledby="decide">
      <h2 id="decide">Decide</h2>
      <p>Did you ask for this? Whoever sent you the address of this page may want it more than you do.</p>
      <form method="post" action={`${basePath}/consents/${id}`}>
        <div class="buttons">
          <button type="submit" name="decision" value="given" class="approve plain">
            Allow it
          </button>
          <button type="submit" name="decision" value="refused" class="reject">
            Do not allow it
          </button>
        </div>
      </form>
      <p class="hint">
        Until <Moment iso={expiresAt} />. Looking at this page decides nothing.
      </p>
    </section>
  );
}

const THEN: Readonly<Record<Exclude<Consent['state'], 'waiting'>, string>> = {
  given: 'Go back to the client: it goes on by itself, or calls again.',
  used: 'The call was made.',
  refused: 'The same call is refused for ten minutes without asking again.',
};
