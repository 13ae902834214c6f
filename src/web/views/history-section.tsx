import type { ChangeRequest } from '../../model/change-request.js';
import { makeVisible } from '../../quote.js';
import { Moment } from './moment.js';
import type { RequestPageProps } from './request-page-props.js';

/** Returns what happened with a request, oldest first. */
export function HistorySection({ opened, basePath }: Pick<RequestPageProps, 'opened' | 'basePath'>) {
  const { view, replaces } = opened;
  const { request } = view;
  const link = (id: number) => <a href={`${basePath}/requests/${id}`}>request {id}</a>;
  return (
    <section aria-labelledby="history">
      <h2 id="history">History</h2>
      <ol class="history" role="list">
        {replaces.toReversed().map(({ id, openedAt }) => (
          <Event at={openedAt}>The server had drifted before: {link(id)}, which this one replaced</Event>
        ))}
        <Event at={request.openedAt}>Opened</Event>
        {request.endorsements.map(({ by, at }) => (
          <Event at={at}>Approved by {makeVisible(by)}, as the first of two</Event>
        ))}
        <Settled opened={opened} link={link} />
      </ol>
    </section>
  );
}

type Link = (id: number) => unknown;

function Settled({ opened, link }: Pick<RequestPageProps, 'opened'> & { readonly link: Link }) {
  const { request } = opened.view;
  const { state, settledAt, settledBy, supersededBy } = request;
  if (state === 'open') return null;
  const replacedAt = opened.newer?.id === supersededBy ? opened.newer?.openedAt : undefined;
  return (
    <Event at={settledAt ?? replacedAt}>
      {state === 'superseded' && settledBy !== undefined ? 'Approved in part' : NAMES[state]}
      {settledBy === undefined ? '' : ` by ${makeVisible(settledBy)}`}
      {supersededBy === undefined ? '' : <>, replaced by {link(supersededBy)}</>}
    </Event>
  );
}

const NAMES: Readonly<Record<ChangeRequest['state'], string>> = {
  open: 'Opened again',
  approved: 'Approved',
  rejected: 'Rejected',
  superseded: 'Superseded',
  withdrawn: 'Withdrawn: the server went back to what is approved',
};

/** When a server went back or on by itself is in the audit log only. */
function Event(props: { readonly at: string | undefined; readonly children?: unknown }) {
  return (
    <li>
      <p>{props.children}</p>
      {props.at === undefined ? null : (
        <p class="hint">
          <Moment iso={props.at} />
        </p>
      )}
    </li>
  );
}
