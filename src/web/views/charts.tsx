import { URGENCIES, type Urgency } from '../../model/drift.js';
import type { DriftDay } from '../../monitor/overview.js';

/*
 * Charts are SVG without scripts and without styles of their own: the policy of the pages allows one stylesheet and nothing else.
 * They are stretched to whatever the screen is wide, so no text is in them: labels stand beside them, as text.
 */

/** Units of the drawing. */
const HEIGHT = 100;
const COLUMN = 10;
const GAP = 2;

/** The most urgent at the bottom, where bars are easiest to compare. */
const STACK: readonly Urgency[] = URGENCIES.toReversed();

/** Returns stacked columns, one for each day. `labelledBy` is the id of its heading, `describedBy` of the words for it. */
export function DriftChart(props: {
  readonly days: readonly DriftDay[];
  readonly labelledBy: string;
  readonly describedBy: string;
}) {
  const { days } = props;
  const highest = Math.max(1, ...days.map(totalOf));
  return (
    <svg
      class="chart"
      role="img"
      aria-labelledby={props.labelledBy}
      aria-describedby={props.describedBy}
      viewBox={`0 0 ${days.length * COLUMN} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      {days.map((day, index) => (
        <Column day={day} index={index} highest={highest} />
      ))}
      <Floor width={days.length * COLUMN} />
    </svg>
  );
}

/** Returns one column for each count. */
export function Histogram(props: {
  readonly counts: readonly number[];
  readonly labelledBy: string;
  readonly describedBy: string;
}) {
  const { counts } = props;
  const highest = Math.max(1, ...counts);
  return (
    <svg
      class="chart"
      role="img"
      aria-labelledby={props.labelledBy}
      aria-describedby={props.describedBy}
      viewBox={`0 0 ${counts.length * COLUMN} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      {counts.map((count, index) => (
        <Bar className="bar-plain" x={index * COLUMN} from={0} count={count} highest={highest} />
      ))}
      <Floor width={counts.length * COLUMN} />
    </svg>
  );
}

/** Returns one lying bar, to stand in a row of a table that says the number. */
export function LyingBar(props: { readonly className: string; readonly count: number; readonly highest: number }) {
  const { className, count, highest } = props;
  return (
    <svg class="lying" aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none">
      <rect class={`bar-${className}`} x="0" y="0" width={rounded((100 * count) / Math.max(1, highest))} height="10" />
    </svg>
  );
}

/** Returns how many requests were opened on a day. */
export function totalOf(day: DriftDay): number {
  return URGENCIES.reduce((sum, urgency) => sum + day[urgency], 0);
}

function Column(props: { readonly day: DriftDay; readonly index: number; readonly highest: number }) {
  const { day, index, highest } = props;
  return (
    <g>
      <title>{dayText(day)}</title>
      {STACK.map((urgency, level) => (
        <Bar
          className={`bar-${urgency}`}
          x={index * COLUMN}
          from={STACK.slice(0, level).reduce((sum, below) => sum + day[below], 0)}
          count={day[urgency]}
          highest={highest}
        />
      ))}
    </g>
  );
}

function Bar(props: {
  readonly className: string;
  readonly x: number;
  /** What stands below it in the same column. */
  readonly from: number;
  readonly count: number;
  readonly highest: number;
}) {
  const { className, x, from, count, highest } = props;
  if (count === 0) return null;
  const height = (HEIGHT * count) / highest;
  const y = HEIGHT - (HEIGHT * (from + count)) / highest;
  return <rect class={className} x={x + GAP / 2} y={rounded(y)} width={COLUMN - GAP} height={rounded(height)} />;
}

function Floor({ width }: { readonly width: number }) {
  return <line class="floor" x1="0" y1={HEIGHT} x2={width} y2={HEIGHT} />;
}

function dayText(day: DriftDay): string {
  const parts = STACK.filter((urgency) => day[urgency] > 0).map((urgency) => `${day[urgency]} ${urgency}`);
  return `${day.day}: ${parts.length === 0 ? 'none' : parts.join(', ')}`;
}

/** Two digits are finer than any screen. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
