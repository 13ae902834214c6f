import { CALL_DECISIONS, type CallRecord } from '../../model/call.js';
import type { Principal } from '../../model/principal.js';
import { makeVisible, makeVisibleLines } from '../../quote.js';
import { calledWords, outcomeWords } from '../../render/call-words.js';
import { searchOf } from '../audit-query.js';
import type { CallFields } from '../call-query.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';

interface Props {
  readonly principal: Principal | undefined;
  readonly basePath: string;
  readonly fields: CallFields;
  /** Newest first. */
  readonly calls: readonly CallRecord[];
  /** Where the next older page begins; `undefined` on the last one. */
  readonly older: number | undefined;
  readonly isFirstPage: boolean;
}

/** Longer ones are taken from the export. */
const MAX_PARAMETERS = 4_000;

/** Returns one page of the log of calls, newest first. */
export function CallsPage(props: Props) {
  const { basePath, principal, calls } = props;
  return (
    <Layout title="Calls" site={{ basePath }} principal={principal} current="calls">
      <h1>Calls</h1>
      <p class="meta">
        What clients called through the gateway, each entry a leaf of a signed tree. Times are UTC. All of it as JSON
        Lines: <code>sealwatch calls export</code>
      </p>
      <FilterForm {...props} />
      {calls.length === 0 ? <p>No call is like that.</p> : <Calls calls={calls} basePath={basePath} />}
      <Pages {...props} />
    </Layout>
  );
}

function FilterForm({ basePath, fields }: Props) {
  return (
    <form class="filters" method="get" action={`${basePath}/calls`} role="search">
      <div>
        <label for="decision">Decision</label>
        <select id="decision" name="decision">
          <option value="">any</option>
          {CALL_DECISIONS.map((decision) => (
            <option value={decision} selected={decision === fields.decision}>
              {decision}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="text">Name or parameters</label>
        <input type="text" id="text" name="text" value={fields.text} maxlength={200} />
      </div>
      <div>
        <label for="server">Server</label>
        <input type="text" id="server" name="server" value={fields.server} maxlength={63} />
      </div>
      <div>
        <label for="subject">Who</label>
        <input type="text" id="subject" name="subject" value={fields.subject} maxlength={200} />
      </div>
      <div>
        <label for="from">From</label>
        <input type="date" id="from" name="from" value={fields.from} />
      </div>
      <div>
        <label for="to">To</label>
        <input type="date" id="to" name="to" value={fields.to} />
      </div>
      <div class="buttons">
        <button type="submit">Show</button>
      </div>
    </form>
  );
}

function Calls({ calls, basePath }: { readonly calls: readonly CallRecord[]; readonly basePath: string }) {
  return (
    <table class="cards log" role="table">
      <thead role="rowgroup">
        <tr role="row">
          {['Call', 'When', 'Server', 'Who', 'What', 'Outcome'].map((title) => (
            <th scope="col" role="columnheader">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {calls.map((call) => (
          <tr role="row">
            <th scope="row" role="rowheader">
              {call.index}
            </th>
            <td role="cell" data-label="When">
              <Moment iso={call.at} />
            </td>
            <td role="cell" data-label="Server">
              <a href={`${basePath}/servers/${call.server}`}>{call.server}</a>
            </td>
            <td role="cell" data-label="Who" dir="ltr">
              {makeVisible(call.subject)}
            </td>
            <td role="cell" data-label="What" dir="ltr">
              <details>
                <summary>{calledWords(call)}</summary>
                <Details call={call} />
              </details>
            </td>
            <td role="cell" data-label="Outcome" dir="ltr">
              {outcomeWords(call)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Details({ call }: { readonly call: CallRecord }) {
  const { client, version, parameters, answer } = call;
  const text = parameters.length > MAX_PARAMETERS ? `${parameters.slice(0, MAX_PARAMETERS)}…` : parameters;
  return (
    <>
      <p class="meta">
        {client === undefined ? null : <>Client {client}. </>}
        {version === undefined ? 'Held to no approved version.' : <>Held to {makeVisible(version)}.</>}
        {answer?.digest === undefined ? null : <> SHA-256 of the result {answer.digest}.</>}
      </p>
      <pre>{makeVisibleLines(text)}</pre>
    </>
  );
}

function Pages({ basePath, fields, older, isFirstPage }: Props) {
  if (older === undefined && isFirstPage) return null;
  return (
    <nav class="pager" aria-label="Pages of the log">
      {isFirstPage ? null : <a href={`${basePath}/calls${searchOf(fields)}`}>Newest calls</a>}
      {older === undefined ? null : (
        <a href={`${basePath}/calls${searchOf(fields, { before: String(older) })}`} rel="next">
          Older calls
        </a>
      )}
    </nav>
  );
}
