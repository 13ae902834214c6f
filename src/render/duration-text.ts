import { counted } from './counted.js';

const SECOND_MS = 1_000;
const UNITS = [
  ['day', 86_400 * SECOND_MS],
  ['hour', 3_600 * SECOND_MS],
  ['minute', 60 * SECOND_MS],
  ['second', SECOND_MS],
] as const;

/** Returns a length of time in its largest unit, rounded down, and the next one where it adds something: `2 days 3 hours`, `45 seconds`. */
export function durationText(ms: number): string {
  const index = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  const unit = UNITS[index];
  if (unit === undefined) return 'less than a second';
  const next = UNITS[index + 1];
  const rest = next === undefined ? 0 : Math.floor((ms % unit[1]) / next[1]);
  const first = counted(Math.floor(ms / unit[1]), unit[0]);
  return next === undefined || rest === 0 ? first : `${first} ${counted(rest, next[0])}`;
}

/** Returns a length of time in its largest unit, rounded down: `2 days`. */
export function roughDurationText(ms: number): string {
  const unit = UNITS.find(([, unitMs]) => ms >= unitMs);
  return unit === undefined ? 'less than a second' : counted(Math.floor(ms / unit[1]), unit[0]);
}
