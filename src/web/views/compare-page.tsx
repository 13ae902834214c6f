import { shortVersion } from '../../model/fingerprint.js';
import type { Principal } from '../../model/principal.js';
import type { Comparison, DefinitionHistory } from '../../monitor/compare-versions.js';
import type { ApprovalRecord, SeenVersion } from '../../ports.js';
import { makeVisible } from '../../quote.js';
import { definitionName } from '../../render/summarise-change.js';
import { ChangeSection } from './change-section.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';

/** Longer lists have the button at both ends. */
const MANY = 6;

interface Props {
  readonly principal: Principal | undefined;
  readonly basePath: string;
  readonly history: DefinitionHistory;
  /** `undefined` until two versions are chosen. */
  readonly comparison: Comparison | undefined;
}

/** Returns every version of a definition, and how two of them differ. */
export function ComparePage(props: Props) {
  const { principal, basePath, history } = props;
  const { server } = history.ref;
  const name = definitionName(history.ref);
  return (
    <Layout title={`${server}: versions of ${name}`} site={{ basePath }} principal={principal} current="servers">
      <h1 dir="ltr">Versions of {name}</h1>
      <p class="meta">
        Server <a href={`${basePath}/servers/${server}`}>{server}</a>, <code>{history.refText}</code>
      </p>
      <Difference {...props} />
      <Versions {...props} />
    </Layout>
  );
}

function Difference({ comparison }: Props) {
  if (comparison === undefined) return null;
  const { from, to, view } = comparison;
  if (from.version === to.version) {
    return (
      <section class="notice">
        <h2>Nothing differs</h2>
        <p>
          You chose the same version twice: <code>{shortVersion(from.version)}</code>
        </p>
      </section>
    );
  }
  return <ChangeSection view={view} heading={`From ${shortVersion(from.version)} to ${shortVersion(to.version)}`} />;
}

function Versions(props: Props) {
  const { basePath, history } = props;
  const { versions, refText, ref } = history;
  const newestFirst = versions.toReversed();
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">{versions.length === 1 ? 'One version was ever seen' : `${versions.length} versions`}</h2>
      <form method="get" action={`${basePath}/servers/${ref.server}/compare`}>
        <input type="hidden" name="ref" value={refText} />
        {versions.length > MANY ? <CompareButton /> : null}
        <table class="cards" role="table">
          <thead role="rowgroup">
            <tr role="row">
              {['Version', ...(versions.length > 1 ? ['From', 'To'] : []), 'Seen', 'Approved'].map((title) => (
                <th scope="col" role="columnheader">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {newestFirst.map((seen, index) => (
              <Row {...props} seen={seen} index={index} />
            ))}
          </tbody>
        </table>
        {versions.length > 1 ? <CompareButton /> : null}
      </form>
    </section>
  );
}

function CompareButton() {
  return (
    <div class="buttons">
      <button type="submit">Compare the chosen two</button>
    </div>
  );
}

function Row({ seen, index, history, comparison }: Props & { readonly seen: SeenVersion; readonly index: number }) {
  const { version, firstSeenAt, lastSeenAt, times, approvals } = seen;
  // At first the newest against the one before.
  const isFrom = comparison === undefined ? index === 1 : comparison.from.version === version;
  const isTo = comparison === undefined ? index === 0 : comparison.to.version === version;
  return (
    <tr role="row">
      <th scope="row" role="rowheader">
        <code title={version}>{shortVersion(version)}</code>
      </th>
      {history.versions.length > 1 ? (
        <>
          <Choice name="from" version={version} isChecked={isFrom} />
          <Choice name="to" version={version} isChecked={isTo} />
        </>
      ) : null}
      <td role="cell" data-label="Seen">
        <Moment iso={firstSeenAt} />
        {times === 1 ? (
          ', once'
        ) : (
          <>
            {' '}
            to <Moment iso={lastSeenAt} />, {times} times
          </>
        )}
      </td>
      <td role="cell" data-label="Approved">
        {approvals.length === 0 ? 'never' : approvals.map((approval) => <Approval approval={approval} />)}
      </td>
    </tr>
  );
}

function Choice(props: { readonly name: 'from' | 'to'; readonly version: string; readonly isChecked: boolean }) {
  const { name, version, isChecked } = props;
  return (
    <td role="cell" class="pick" data-label={name === 'from' ? 'From' : 'To'}>
      <input
        type="radio"
        name={name}
        value={version}
        checked={isChecked}
        aria-label={`${name} ${shortVersion(version)}`}
      />
    </td>
  );
}

function Approval({ approval }: { readonly approval: ApprovalRecord }) {
  const { by, at, endedAt, endedBy } = approval;
  return (
    <div>
      <Moment iso={at} /> by {makeVisible(by)}
      {endedAt === undefined ? null : (
        <span class="hint">
          ; ended <Moment iso={endedAt} />
          {endedBy === undefined ? '' : ` by ${makeVisible(endedBy)}`}
        </span>
      )}
    </div>
  );
}
