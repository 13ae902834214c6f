import { AUDIT_TYPES, type AuditEntry } from '../../model/audit.js';
import type { Principal } from '../../model/principal.js';
import { makeVisible } from '../../quote.js';
import { auditSentence, auditTitle } from '../../render/audit-sentence.js';
import { type AuditFields, searchOf } from '../audit-query.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';

interface Props {
  readonly principal: Principal | undefined;
  readonly basePath: string;
  readonly fields: AuditFields;
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Where the next older page begins; `undefined` on the last one. */
  readonly older: number | undefined;
  readonly isFirstPage: boolean;
}

/** Returns one page of the audit log, newest first. */
export function AuditPage(props: Props) {
  const { basePath, principal, entries } = props;
  return (
    <Layout title="Audit log" site={{ basePath }} principal={principal} current="audit">
      <h1>Audit log</h1>
      <p class="meta">Append-only, every entry a leaf of a signed tree. Times are UTC.</p>
      <FilterForm {...props} />
      {entries.length === 0 ? <p>No entry is like that.</p> : <Entries entries={entries} />}
      <Pages {...props} />
      <Exports {...props} />
    </Layout>
  );
}

function FilterForm({ basePath, fields }: Props) {
  return (
    <form class="filters" method="get" action={`${basePath}/audit`} role="search">
      <div>
        <label for="type">Kind</label>
        <select id="type" name="type">
          <option value="">any</option>
          {AUDIT_TYPES.map((type) => (
            <option value={type} selected={type === fields.type}>
              {auditTitle(type)}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="text">Text</label>
        <input type="text" id="text" name="text" value={fields.text} maxlength={200} />
      </div>
      <div>
        <label for="server">Server</label>
        <input type="text" id="server" name="server" value={fields.server} maxlength={63} />
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

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <table class="cards log" role="table">
      <thead role="rowgroup">
        <tr role="row">
          {['Entry', 'When', 'Who', 'What'].map((title) => (
            <th scope="col" role="columnheader">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {entries.map((entry) => (
          <tr role="row">
            <th scope="row" role="rowheader">
              {entry.index}
            </th>
            <td role="cell" data-label="When">
              <Moment iso={entry.at} />
            </td>
            <td role="cell" data-label="Who" dir="ltr">
              {makeVisible(entry.actor)}
            </td>
            <td role="cell" data-label="What" dir="ltr">
              {auditSentence(entry)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Pages({ basePath, fields, older, isFirstPage }: Props) {
  if (older === undefined && isFirstPage) return null;
  return (
    <nav class="pager" aria-label="Pages of the log">
      {isFirstPage ? null : <a href={`${basePath}/audit${searchOf(fields)}`}>Newest entries</a>}
      {older === undefined ? null : (
        <a href={`${basePath}/audit${searchOf(fields, { before: String(older) })}`} rel="next">
          Older entries
        </a>
      )}
    </nav>
  );
}

function Exports({ basePath, fields }: Props) {
  const search = searchOf(fields);
  return (
    <section aria-labelledby="export">
      <h2 id="export">Export and prove</h2>
      <ul>
        <li>
          What is chosen above, all pages: <a href={`${basePath}/audit.jsonl${search}`}>JSON Lines</a>,{' '}
          <a href={`${basePath}/audit.csv${search}`}>CSV</a>
        </li>
        <li>
          The whole log with its signed checkpoint: <a href={`${basePath}/audit/proof`}>proof</a>. Check it anywhere,
          also offline: <code>sealwatch audit verify --proof FILE</code>
        </li>
      </ul>
    </section>
  );
}
