import type { Principal } from '../../model/principal.js';
import { SERVER_STATES, type ServerState, type ServerSummary } from '../../monitor/servers.js';
import { makeVisible } from '../../quote.js';
import { Ago } from './age.js';
import { Layout } from './layout.js';
import { STATE_NAMES } from './server-words.js';

/** What of the list is shown. Empty texts let everything through. */
interface ServersFilter {
  readonly state: ServerState | '';
  /** `team=payments`, or `team` for any value. */
  readonly label: string;
  /** Part of the id. */
  readonly text: string;
}

interface Props {
  readonly principal: Principal | undefined;
  readonly basePath: string;
  readonly now: Date;
  readonly filter: ServersFilter;
  /** Every server that the principal may see. */
  readonly servers: readonly ServerSummary[];
}

/** Returns the list of servers, worst first. */
export function ServersPage(props: Props) {
  const { basePath, principal, filter, servers } = props;
  const shown = servers.filter((server) => isShown(server, filter));
  return (
    <Layout title="Servers" site={{ basePath }} principal={principal} current="servers">
      <h1>Servers</h1>
      <p class="meta">{countText(shown.length, servers.length)}</p>
      <FilterForm {...props} />
      {shown.length === 0 ? (
        <p>{servers.length === 0 ? 'No server is configured that you may see.' : 'No server is like that.'}</p>
      ) : (
        <table class="cards" role="table">
          <thead role="rowgroup">
            <tr role="row">
              <th scope="col" role="columnheader">
                Server
              </th>
              <th scope="col" role="columnheader">
                State
              </th>
              <th scope="col" role="columnheader">
                Last good check
              </th>
              <th scope="col" role="columnheader">
                Waits
              </th>
              <th scope="col" role="columnheader">
                Labels
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {shown.map((server) => (
              <Row {...props} server={server} />
            ))}
          </tbody>
        </table>
      )}
    </Layout>
  );
}

function Row({ server, basePath, now }: Props & { readonly server: ServerSummary }) {
  const { id, state, lastCheckAt, open, isAllOnHold, outage } = server;
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        <a href={`${basePath}/servers/${id}`}>{id}</a>
      </th>
      <td role="cell" data-label="State">
        <StateBadge state={state} />
        {outage === undefined ? null : (
          <span class="hint">
            {' '}
            for <Ago iso={outage.since} now={now} />
          </span>
        )}
        {isAllOnHold ? <span class="hint">{outage === undefined ? ' ' : ', '}all on hold</span> : null}
      </td>
      <td role="cell" data-label="Good check">
        {lastCheckAt === undefined ? (
          'never'
        ) : (
          <>
            <Ago iso={lastCheckAt} now={now} /> ago
          </>
        )}
      </td>
      <td role="cell" data-label="Waits">
        {open === undefined ? (
          'nothing'
        ) : (
          <>
            <a href={`${basePath}/requests/${open.id}`}>request {open.id}</a>{' '}
            <span class={`urgency ${open.urgency}`}>{open.urgency}</span>
          </>
        )}
      </td>
      <td role="cell" data-label="Labels">
        <Labels labels={server.labels} />
      </td>
    </tr>
  );
}

/** Returns a server's state as a badge; the words say it, the colour repeats it. */
export function StateBadge({ state }: { readonly state: ServerState }) {
  return <span class={`tag ${state}`}>{STATE_NAMES[state]}</span>;
}

/** Returns labels as they stand in the configuration. */
export function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return <span class="hint">none</span>;
  return (
    <>
      {entries.map(([name, value]) => (
        <>
          <span class="tag">{makeVisible(`${name}=${value}`)}</span>{' '}
        </>
      ))}
    </>
  );
}

function FilterForm({ basePath, filter }: Props) {
  return (
    <form class="filters" method="get" action={`${basePath}/servers`} role="search">
      <div>
        <label for="state">State</label>
        <select id="state" name="state">
          <option value="">any</option>
          {SERVER_STATES.map((state) => (
            <option value={state} selected={state === filter.state}>
              {STATE_NAMES[state]}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="label">Label</label>
        <input type="text" id="label" name="label" value={filter.label} placeholder="team=payments" maxlength={200} />
      </div>
      <div>
        <label for="q">Name contains</label>
        <input type="text" id="q" name="q" value={filter.text} maxlength={200} />
      </div>
      <div class="buttons">
        <button type="submit">Show</button>
      </div>
    </form>
  );
}

function isShown(server: ServerSummary, { state, label, text }: ServersFilter): boolean {
  if (state !== '' && server.state !== state) return false;
  return server.id.includes(text.trim().toLowerCase()) && hasLabel(server.labels, label.trim());
}

function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  if (wanted === '') return true;
  return Object.entries(labels).some(([name, value]) => name === wanted || `${name}=${value}` === wanted);
}

function countText(shown: number, all: number): string {
  const servers = all === 1 ? '1 server' : `${all} servers`;
  return shown === all ? `${servers}, worst first` : `${shown} of ${servers}, worst first`;
}
