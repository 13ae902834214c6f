import type { RequestView } from '../../model/alert.js';
import { hasRole, type Principal } from '../../model/principal.js';
import type { LinkState } from '../../monitor/link.js';
import { ChangeSection } from './change-section.js';
import { DecisionSection, type Here } from './decision-section.js';
import { EnrolForm } from './enrol-form.js';
import { Layout } from './layout.js';
import { type Message, MessagePage } from './message-page.js';
import { headline, RequestHeading } from './request-heading.js';
import { SettledSection } from './settled-section.js';

/** Why a decision that was just sent was not taken. */
export type Refusal = 'APPROVAL_STALE' | 'APPROVAL_SETTLED';

interface Props {
  readonly state: LinkState;
  /** Who is signed in, or whose enrolled browser it is. */
  readonly principal: Principal | undefined;
  readonly here: Here;
  readonly refusal: Refusal | undefined;
}

/** Returns what a link shows in the state it is in. */
export function LinkPage(props: Props) {
  const { state } = props;
  switch (state.kind) {
    case 'unknown':
      return <MessagePage {...UNKNOWN} frame={frameOf(props)} />;
    case 'expired':
      return <MessagePage {...EXPIRED} frame={frameOf(props)} />;
    case 'used':
    case 'settled':
      return (
        <Layout title={headline(state.request)} site={props.here} principal={props.principal}>
          <RefusalNotice refusal={props.refusal} />
          <RequestHeading request={state.request} />
          <SettledSection request={state.request} />
        </Layout>
      );
    case 'stale':
      return <StalePage {...props} state={state} />;
    case 'open':
      return <OpenPage {...props} state={state} />;
  }
}

function frameOf({ here, principal }: Props): NonNullable<Message['frame']> {
  return { basePath: here.basePath, principal };
}

/** Returns the HTTP status that goes with a link's state. */
export function statusOf(state: LinkState): 200 | 404 | 410 {
  switch (state.kind) {
    case 'unknown':
      return 404;
    case 'expired':
      return 410;
    case 'used':
    case 'settled':
    case 'stale':
    case 'open':
      return 200;
  }
}

function OpenPage(props: Props & { readonly state: Extract<LinkState, { kind: 'open' }> }) {
  const { state, principal, here } = props;
  const { request } = state.view;
  const approver = principal !== undefined && hasRole(principal, 'approver', request.server) ? principal : undefined;
  return (
    <Layout title={headline(request)} site={props.here} principal={props.principal}>
      <RefusalNotice refusal={props.refusal} />
      <RequestHeading request={request} />
      <p>What differs is on hold until somebody decides. Looking at this page decides nothing.</p>
      <ChangeSection view={state.view} heading="What changed" />
      {state.needsBrowser && approver === undefined ? (
        <EnrolSection urgency={request.urgency} here={here} />
      ) : (
        <DecisionSection {...state} request={request} approver={approver} here={here} />
      )}
      <ByHand request={request.id} />
    </Layout>
  );
}

function EnrolSection({ urgency, here }: { readonly urgency: string; readonly here: Here }) {
  return (
    <section aria-labelledby="decide">
      <h2 id="decide">To decide, enrol this browser or sign in</h2>
      <p>
        A {urgency} change is decided in a browser that an approver enrolled: a link alone can be opened by anything
        that reads the mail. Where Sealwatch runs, <code>sealwatch approver add NAME</code> prints a one-time code.
      </p>
      <EnrolForm enrolPath={here.enrolPath} token={here.token} />
      <p>
        Or <a href={`${here.basePath}/sign-in?to=${encodeURIComponent(`/approve/${here.token}`)}`}>sign in</a> as an
        approver of this server.
      </p>
    </section>
  );
}

function StalePage(props: Props & { readonly state: Extract<LinkState, { kind: 'stale' }> }) {
  const { request, newer } = props.state;
  return (
    <Layout title={headline(request)} site={props.here} principal={props.principal}>
      <RefusalNotice refusal={props.refusal} />
      <RequestHeading request={request} />
      <SettledSection request={request} />
      {newer === undefined ? null : <Newer view={newer} old={request.id} />}
    </Layout>
  );
}

function Newer({ view, old }: { readonly view: RequestView; readonly old: number }) {
  const { id } = view.request;
  return (
    <>
      <p>
        This link was for request {old} only and cannot decide the newer one. Use the link of the newer alert, if you
        got one, or <code>sealwatch approve {id}</code>.
      </p>
      <ChangeSection view={view} heading={`What is asked now: request ${id}`} />
    </>
  );
}

function ByHand({ request }: { readonly request: number }) {
  return (
    <p class="hint">
      Without this page: <code>sealwatch diff {request}</code>, then <code>sealwatch approve {request}</code> or{' '}
      <code>sealwatch reject {request}</code>.
    </p>
  );
}

function RefusalNotice({ refusal }: { readonly refusal: Refusal | undefined }) {
  if (refusal === undefined) return null;
  return (
    <section class="notice" role="alert">
      <h2>Your decision was not taken</h2>
      <p>
        {REFUSED[refusal]} Code: <code>{refusal}</code>
      </p>
    </section>
  );
}

const REFUSED: Readonly<Record<Refusal, string>> = {
  APPROVAL_STALE: 'What the server declares is not what your page showed any more. Nothing was decided.',
  APPROVAL_SETTLED: 'This was settled before, or the link was used. Nothing was changed.',
};

const UNKNOWN = {
  title: 'This link leads nowhere',
  paragraphs: [
    'It was mistyped, cut off by a mail program, or is not from here. `sealwatch pending` lists what waits for a decision.',
  ],
  code: 'NOT_FOUND',
};

const EXPIRED = {
  title: 'This link has expired',
  paragraphs: [
    'Nothing was decided by it. What waits for a decision is still on hold: `sealwatch pending` lists it, `sealwatch approve` decides.',
  ],
};
