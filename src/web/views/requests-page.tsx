import type { RequestState } from '../../model/change-request.js';
import type { Principal } from '../../model/principal.js';
import type { RequestList } from '../../monitor/list-requests.js';
import { makeVisible } from '../../quote.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';
import { headline } from './request-heading.js';

/** What of the list is shown. */
interface RequestsFilter {
  /** Empty for every state. */
  readonly state: RequestState | '';
  /** Empty for every server. */
  readonly server: string;
  /** Counted from 1. */
  readonly page: number;
}

interface Props {
  readonly basePath: string;
  readonly principal: Principal;
  readonly filter: RequestsFilter;
  readonly list: RequestList;
  /** Ids that can be chosen. */
  readonly servers: readonly string[];
}

/** Returns the list of all requests, newest first. */
export function RequestsPage(props: Props) {
  const { basePath, principal, list } = props;
  return (
    <Layout title="Requests" site={{ basePath }} principal={principal} current="requests">
      <h1>Requests</h1>
      <p class="meta">Everything that was ever asked, newest first.</p>
      <FilterForm {...props} />
      {list.requests.length === 0 ? <p>No request is like that.</p> : <List {...props} />}
      <Pager {...props} />
    </Layout>
  );
}

const STATES: readonly RequestState[] = ['open', 'approved', 'rejected', 'superseded', 'withdrawn'];

function FilterForm({ basePath, filter, servers }: Props) {
  return (
    <form class="filters" method="get" action={`${basePath}/requests`} role="search" aria-label="Filter the requests">
      <div>
        <label for="state">State</label>
        <select id="state" name="state">
          <option value="">any</option>
          {STATES.map((state) => (
            <option value={state} selected={state === filter.state}>
              {state}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="server">Server</label>
        <select id="server" name="server">
          <option value="">any</option>
          {servers.map((id) => (
            <option value={id} selected={id === filter.server}>
              {id}
            </option>
          ))}
        </select>
      </div>
      <div class="buttons">
        <button type="submit">Show</button>
      </div>
    </form>
  );
}

function List({ basePath, list }: Props) {
  return (
    <section class="waiting" aria-label="Requests">
      <ul class="items" role="list">
        {list.requests.map((request) => (
          <li class={`item listed ${request.urgency}`}>
            <div class="what">
              <h2>
                <a href={`${basePath}/requests/${request.id}`}>{headline(request)}</a>
              </h2>
              <p class="why">
                Request {request.id}, opened <Moment iso={request.openedAt} />
                {request.settledAt === undefined ? '' : `, ${request.state} `}
                {request.settledAt === undefined ? null : <Moment iso={request.settledAt} />}
                {request.settledBy === undefined ? '' : ` by ${makeVisible(request.settledBy)}`}
              </p>
            </div>
            <p class="age">
              <span class={`urgency ${request.urgency}`}>{request.urgency}</span>{' '}
              <span class={`tag ${request.state}`}>{request.state}</span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Pager({ basePath, filter, list }: Props) {
  if (filter.page === 1 && !list.hasOlder) return null;
  const to = (page: number): string => {
    const query = new URLSearchParams({ state: filter.state, server: filter.server, page: `${page}` });
    return `${basePath}/requests?${query.toString()}`;
  };
  return (
    <nav class="pager" aria-label="Pages">
      {filter.page > 1 ? <a href={to(filter.page - 1)}>Newer</a> : null}
      <span>Page {filter.page}</span>
      {list.hasOlder ? <a href={to(filter.page + 1)}>Older</a> : null}
    </nav>
  );
}
