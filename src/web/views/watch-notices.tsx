import type { DeliveryRecord } from '../../model/alert.js';
import type { WatchReport } from '../../monitor/watch-report.js';
import type { ServerSummary } from '../../monitor/servers.js';
import { makeVisible } from '../../quote.js';
import { Age } from './age.js';

interface Props {
  readonly report: WatchReport;
  readonly basePath: string;
  readonly now: Date;
}

/** Returns what is wrong with the watch itself: a server that nobody could check is not fine, and an alert that failed warned nobody. */
export function WatchNotices(props: Props) {
  const { unchecked, neverChecked, failing } = props.report;
  return (
    <>
      {unchecked.length === 0 ? null : <Unchecked {...props} />}
      {neverChecked.length === 0 ? null : <NeverChecked {...props} />}
      {failing === undefined || failing.length === 0 ? null : <Failing {...props} failing={failing} />}
    </>
  );
}

function Unchecked({ report, basePath, now }: Props) {
  const { unchecked } = report;
  return (
    <section class="notice unknown" aria-labelledby="unchecked">
      <h2 id="unchecked">
        {unchecked.length === 1 ? 'One server' : `${unchecked.length} servers`} could not be checked: how{' '}
        {unchecked.length === 1 ? 'it stands' : 'they stand'} is not known
      </h2>
      <ul class="plain-list">
        {unchecked.slice(0, MAX_LISTED).map((server) => (
          <li>
            <UncheckedServer server={server} basePath={basePath} now={now} />
          </li>
        ))}
      </ul>
      {unchecked.length > MAX_LISTED ? (
        <p>
          <a href={`${basePath}/servers?state=unchecked`}>All {unchecked.length} of them</a>
        </p>
      ) : null}
    </section>
  );
}

const MAX_LISTED = 12;

function UncheckedServer({ server, basePath, now }: Omit<Props, 'report'> & { readonly server: ServerSummary }) {
  const { id, outage, lastCheckAt, isAllOnHold } = server;
  return (
    <>
      <a href={`${basePath}/servers/${id}`}>
        <strong>{id}</strong>
      </a>{' '}
      {outage === undefined ? null : (
        <>
          since <Age iso={outage.since} now={now} />, {attempts(outage.failures)}: {makeVisible(outage.message)}{' '}
          <code>{outage.code}</code>.{' '}
        </>
      )}
      {lastCheckAt === undefined ? (
        'It was never checked, so nothing of it is allowed.'
      ) : (
        <>
          Last good check <Age iso={lastCheckAt} now={now} />:{' '}
          {isAllOnHold ? 'everything of it is on hold.' : 'what was approved then stays allowed for now.'}
        </>
      )}
    </>
  );
}

function attempts(failures: number): string {
  return failures === 1 ? 'one attempt' : `${failures} attempts`;
}

function NeverChecked({ report, basePath }: Props) {
  const { neverChecked } = report;
  return (
    <section class="notice" aria-labelledby="never-checked">
      <h2 id="never-checked">Not checked yet</h2>
      <p>
        {neverChecked.slice(0, MAX_LISTED).map(({ id }, index) => (
          <>
            {index === 0 ? '' : ', '}
            <a href={`${basePath}/servers/${id}`}>{id}</a>
          </>
        ))}
        {neverChecked.length > MAX_LISTED ? ` and ${neverChecked.length - MAX_LISTED} more` : ''}
        {neverChecked.length === 1 ? ' waits' : ' wait'} for the first check.
      </p>
    </section>
  );
}

function Failing({ failing, basePath, now }: Props & { readonly failing: readonly DeliveryRecord[] }) {
  return (
    <section class="notice warning" aria-labelledby="failing">
      <h2 id="failing">Alerts do not arrive</h2>
      <ul class="plain-list">
        {channelsOf(failing).map(({ channel, dead, retried, newest }) => (
          <li>
            <strong>{makeVisible(channel)}</strong>: {countText(dead, retried)}
            {newest.message === undefined ? '' : `; ${makeVisible(newest.message)}`}, alert of{' '}
            <Age iso={newest.createdAt} now={now} />
          </li>
        ))}
      </ul>
      <p>
        <a href={`${basePath}/deliveries`}>All alerts that failed</a>
      </p>
    </section>
  );
}

interface FailingChannel {
  readonly channel: string;
  readonly dead: number;
  readonly retried: number;
  readonly newest: DeliveryRecord;
}

/** Records come newest first, so the first of a channel is its newest. */
function channelsOf(failing: readonly DeliveryRecord[]): readonly FailingChannel[] {
  const channels = [...new Set(failing.map(({ channel }) => channel))];
  return channels.flatMap((channel) => {
    const records = failing.filter((one) => one.channel === channel);
    const [newest] = records;
    if (newest === undefined) return [];
    const dead = records.filter(({ state }) => state === 'dead').length;
    return [{ channel, dead, retried: records.length - dead, newest }];
  });
}

function countText(dead: number, retried: number): string {
  const parts = [
    ...(dead === 0 ? [] : [`${dead} given up`]),
    ...(retried === 0 ? [] : [`${retried} failed and ${retried === 1 ? 'is' : 'are'} tried again`]),
  ];
  return parts.join(', ');
}
