import type { ChangeRequest } from '../../model/change-request.js';
import { Age } from './age.js';
import { ChangeSection } from './change-section.js';
import { CommentsSection } from './comments-section.js';
import { reasonText } from './refusal-words.js';
import { HistorySection } from './history-section.js';
import { Layout } from './layout.js';
import { MeaningSection } from './meaning-section.js';
import { MeanwhileSection } from './meanwhile-section.js';
import { RequestDecisionSection } from './request-decision-section.js';
import { headline } from './request-heading.js';
import type { Done, RequestPageProps } from './request-page-props.js';
import { SettledSection } from './settled-section.js';
import { WaiveSection } from './waive-section.js';

/** Returns everything about one request, with the forms for whoever may use them. */
export function RequestPage(props: RequestPageProps) {
  const { basePath, principal, opened, layout } = props;
  const { request } = opened.view;
  const path = `${basePath}/requests/${request.id}`;
  return (
    <Layout title={`${headline(request)} (request ${request.id})`} site={{ basePath }} principal={principal}>
      <h1>{headline(request)}</h1>
      <MetaLine {...props} />
      <Notice {...props} />
      {request.state === 'open' ? null : <SettledSection request={request} />}
      <Newer {...props} />
      <div class={layout === 'split' ? 'stacked' : 'columns'}>
        <div>
          <MeaningSection request={request} />
          <ChangeSection view={opened.view} heading="What changed" layout={layout} path={path} />
          <RequestDecisionSection {...props} path={path} />
          <WaiveSection {...props} path={path} />
          <CommentsSection {...props} path={path} />
        </div>
        <div class="aside">
          <AboutSection {...props} />
          <MeanwhileSection request={request} />
          <HistorySection {...props} />
        </div>
      </div>
    </Layout>
  );
}

function MetaLine({ opened, basePath, now }: RequestPageProps) {
  const { request } = opened.view;
  const { urgency, server, id, openedAt, flapping } = request;
  return (
    <p class="meta">
      <span class={`urgency ${urgency}`}>{urgency}</span> Request {id} about{' '}
      <a href={`${basePath}/servers/${server}`}>{server}</a>, opened <Age iso={openedAt} now={now} />
      {flapping ? ', comes and goes' : ''}
    </p>
  );
}

function Notice({ refusal, done, opened }: RequestPageProps) {
  if (refusal !== undefined) {
    return (
      <section class="notice warning" role="alert">
        <h2>Your {refusal.action} was not taken</h2>
        <p>
          {reasonText(refusal.code, refusal.action)} Code: <code>{refusal.code}</code>
        </p>
      </section>
    );
  }
  const text = done === undefined ? undefined : doneText(done, opened.view.request);
  return text === undefined ? null : (
    <section class="notice good" role="status">
      <p>{text}</p>
    </section>
  );
}

/** Out of the request's own state, not of the address: a link with `?done=` must not tell that something was approved. */
function doneText(done: Done, { state, endorsements }: ChangeRequest): string | undefined {
  switch (done) {
    case 'waived':
      return 'Waivers that were recorded are in force. This is what is asked now.';
    case 'decided':
      if (state === 'open')
        return endorsements.length === 0 ? undefined : 'Your approval is kept. Another person is needed.';
      return state === 'approved' || state === 'rejected' ? `It is ${state}.` : undefined;
  }
}

function Newer({ opened, basePath }: RequestPageProps) {
  const { newer } = opened;
  if (newer === undefined) return null;
  return (
    <section class="notice">
      <p>
        <a href={`${basePath}/requests/${newer.id}`}>
          Request {newer.id}, {headline(newer)}
        </a>
        , {newer.state === 'open' ? 'is what is asked now.' : `came after this one and is ${newer.state}.`}
      </p>
    </section>
  );
}

function AboutSection({ opened, labels, basePath }: RequestPageProps) {
  const { request } = opened.view;
  const entries = Object.entries(labels);
  return (
    <section aria-labelledby="about">
      <h2 id="about">About this request</h2>
      <dl class="facts">
        <dt>Server</dt>
        <dd>
          <a href={`${basePath}/servers/${request.server}`}>{request.server}</a>
        </dd>
        <dt>State</dt>
        <dd>{request.state}</dd>
        <dt>Needs</dt>
        <dd>{opened.personsNeeded === 2 ? 'two different persons' : 'one person'}</dd>
        {entries.length === 0 ? null : (
          <>
            <dt>Labels</dt>
            <dd>
              {entries.map(([name, value]) => (
                <>
                  <span class="tag">
                    {name}={value}
                  </span>{' '}
                </>
              ))}
            </dd>
          </>
        )}
        <dt>Digest</dt>
        <dd>
          <code>{shortDigest(request.digest)}</code>
        </dd>
      </dl>
    </section>
  );
}

/** Enough to compare with what an alert or the command line shows. */
function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
