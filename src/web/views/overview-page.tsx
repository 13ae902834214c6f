import { URGENCY_OF } from '../../model/drift.js';
import type { Severity } from '../../model/finding.js';
import type { Principal } from '../../model/principal.js';
import type { Overview } from '../../monitor/overview.js';
import { SERVER_STATES } from '../../monitor/servers.js';
import { makeVisible } from '../../quote.js';
import { durationText } from '../../render/duration-text.js';
import { Histogram, LyingBar } from './charts.js';
import { DriftSection } from './drift-section.js';
import { Layout } from './layout.js';
import { Moment } from './moment.js';
import { STATE_NAMES } from './server-words.js';

/** More rules than that have no place on a wall. */
const MAX_RULES = 12;

interface Props {
  readonly principal: Principal | undefined;
  readonly basePath: string;
  readonly overview: Overview;
}

/** Returns the page for the wall: how everything stands, in numbers and charts. */
export function OverviewPage(props: Props) {
  const { principal, basePath, overview } = props;
  return (
    <Layout title="Overview" site={{ basePath }} principal={principal} current="overview">
      <h1>Overview</h1>
      <p class="meta">
        As of <Moment iso={overview.at} />
      </p>
      <Figures {...props} />
      <div class="wall">
        <States {...props} />
        <Approval {...props} />
      </div>
      <DriftSection drift={overview.drift} />
      <div class="wall">
        <Classes {...props} />
        <Rules {...props} />
      </div>
    </Layout>
  );
}

/** The numbers that somebody should act on. */
function Figures({ overview, basePath }: Props) {
  const { waiting, servers, deliveries } = overview;
  return (
    <ul class="figures">
      <Figure
        count={waiting}
        text={waiting === 1 ? 'request waits' : 'requests wait'}
        href={`${basePath}/`}
        isBad={waiting > 0}
      />
      <Figure
        count={servers.unchecked}
        text={servers.unchecked === 1 ? 'server could not be checked' : 'servers could not be checked'}
        href={`${basePath}/servers?state=unchecked`}
        isBad={servers.unchecked > 0}
      />
      {deliveries === undefined ? null : (
        <>
          <Figure
            count={deliveries.waiting}
            text={deliveries.waiting === 1 ? 'alert on its way' : 'alerts on their way'}
            href={`${basePath}/deliveries`}
            isBad={false}
          />
          <Figure
            count={deliveries.dead}
            text={deliveries.dead === 1 ? 'alert given up' : 'alerts given up'}
            href={`${basePath}/deliveries`}
            isBad={deliveries.dead > 0}
          />
        </>
      )}
    </ul>
  );
}

interface FigureProps {
  readonly count: number;
  readonly text: string;
  readonly href: string;
  readonly isBad: boolean;
}

function Figure({ count, text, href, isBad }: FigureProps) {
  return (
    <li class={isBad ? 'figure bad' : 'figure'}>
      <a href={href}>
        <strong>{count}</strong> {text}
      </a>
    </li>
  );
}

function States({ overview, basePath }: Props) {
  const rows = SERVER_STATES.map((state) => ({ state, count: overview.servers[state] })).filter(
    ({ count }) => count > 0,
  );
  const highest = Math.max(0, ...rows.map(({ count }) => count));
  return (
    <section aria-labelledby="states">
      <h2 id="states">Servers by state</h2>
      {rows.length === 0 ? <p>There is no server.</p> : null}
      <table class="bars">
        <tbody>
          {rows.map(({ state, count }) => (
            <tr>
              <th scope="row">
                <a href={`${basePath}/servers?state=${state}`}>{STATE_NAMES[state]}</a>
              </th>
              <td>{count}</td>
              <td>
                <LyingBar className={state} count={count} highest={highest} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Approval({ overview }: Props) {
  const { approved, medianMs, p90Ms, buckets } = overview.approval;
  return (
    <section aria-labelledby="approval">
      <h2 id="approval">Time to approval</h2>
      {medianMs === undefined || p90Ms === undefined ? (
        <p>No request of the last {overview.drift.length} days was approved.</p>
      ) : (
        <>
          <p id="approval-words">
            {approved === 1 ? '1 approved request' : `${approved} approved requests`} of the last{' '}
            {overview.drift.length} days: median <strong>{durationText(medianMs)}</strong>, nine of ten within{' '}
            <strong>{durationText(p90Ms)}</strong>.
          </p>
          <Histogram counts={buckets.map(({ count }) => count)} labelledBy="approval" describedBy="approval-words" />
          <table class="ticks">
            <caption>How many took at most so long</caption>
            <thead>
              <tr>
                {buckets.map(({ upToMs }) => (
                  <th scope="col">{upToMs === undefined ? 'more' : shortDuration(upToMs)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              <tr>
                {buckets.map(({ count }) => (
                  <td>{count}</td>
                ))}
              </tr>
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

/** As long as a column is wide: `5 min`, `4 h`, `3 d`. */
function shortDuration(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 60) return `${minutes} min`;
  return minutes < 24 * 60 ? `${minutes / 60} h` : `${minutes / 60 / 24} d`;
}

function Classes({ overview }: Props) {
  const { classes } = overview;
  const highest = Math.max(0, ...classes.map(({ count }) => count));
  return (
    <section aria-labelledby="classes">
      <h2 id="classes">What waits, by class of change</h2>
      {classes.length === 0 ? <p>Nothing waits.</p> : null}
      <table class="bars">
        <tbody>
          {classes.map((row) => (
            <tr>
              <th scope="row">{row.class}</th>
              <td>{row.count}</td>
              <td>
                <LyingBar className={URGENCY_OF[row.class]} count={row.count} highest={highest} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Rules({ overview }: Props) {
  const rules = overview.rules.slice(0, MAX_RULES);
  const highest = Math.max(0, ...rules.map(({ count }) => count));
  return (
    <section aria-labelledby="rules">
      <h2 id="rules">What waits, by finding</h2>
      {rules.length === 0 ? <p>No rule found anything in what waits.</p> : null}
      <table class="bars">
        <tbody>
          {rules.map(({ rule, severity, count }) => (
            <tr>
              <th scope="row">
                {makeVisible(rule)} <span class="hint">{severity}</span>
              </th>
              <td>{count}</td>
              <td>
                <LyingBar className={COLOUR_OF[severity]} count={count} highest={highest} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {overview.rules.length > MAX_RULES ? (
        <p class="hint">and {overview.rules.length - MAX_RULES} more rules</p>
      ) : null}
    </section>
  );
}

const COLOUR_OF: Readonly<Record<Severity, string>> = {
  critical: 'critical',
  high: 'high',
  medium: 'low',
  low: 'low',
  info: 'info',
};
