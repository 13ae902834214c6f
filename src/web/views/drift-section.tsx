import { URGENCIES } from '../../model/drift.js';
import type { DriftDay } from '../../monitor/overview.js';
import { DriftChart, totalOf } from './charts.js';

interface Props {
  /** Oldest day first. */
  readonly drift: readonly DriftDay[];
}

/** Returns how much drifted on each day, as a chart, in words, and as a table. */
export function DriftSection({ drift }: Props) {
  const opened = drift.reduce((sum, day) => sum + totalOf(day), 0);
  const highest = Math.max(0, ...drift.map(totalOf));
  return (
    <section aria-labelledby="drift">
      <h2 id="drift">Drift: requests opened per day</h2>
      <p id="drift-words">{driftText(opened, drift.length, highest)}</p>
      <DriftChart days={drift} labelledBy="drift" describedBy="drift-words" />
      <p class="ends">
        <span>{drift[0]?.day}</span>
        <span>{drift.at(-1)?.day}</span>
      </p>
      <ul class="legend">
        {URGENCIES.toReversed().map((urgency) => (
          <li>
            <svg class="key" aria-hidden="true" viewBox="0 0 10 10">
              <rect class={`bar-${urgency}`} x="0" y="0" width="10" height="10" />
            </svg>{' '}
            {urgency}
          </li>
        ))}
      </ul>
      <DriftTable drift={drift} />
    </section>
  );
}

function driftText(opened: number, days: number, highest: number): string {
  if (opened === 0) return `No request was opened in ${days} days.`;
  return `${opened === 1 ? '1 request' : `${opened} requests`} in ${days} days, at most ${highest} in a day.`;
}

function DriftTable({ drift }: Props) {
  const urgencies = URGENCIES.toReversed();
  const days = drift.filter((day) => totalOf(day) > 0).toReversed();
  if (days.length === 0) return null;
  return (
    <details>
      <summary>The numbers as a table</summary>
      <table>
        <caption>Requests opened per day, by urgency; days without any are left out</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {urgencies.map((urgency) => (
              <th scope="col">{urgency}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr>
              <th scope="row">{day.day}</th>
              {urgencies.map((urgency) => (
                <td>{day[urgency]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
