import { durationText, roughDurationText } from '../../render/duration-text.js';
import { Moment } from './moment.js';

/** Returns a point in time with how long ago that was. */
export function Age(props: { readonly iso: string; readonly now: Date }) {
  const ms = props.now.getTime() - Date.parse(props.iso);
  return (
    <>
      <Moment iso={props.iso} />
      {ms < 0 ? null : <span class="age"> ({durationText(ms)} ago)</span>}
    </>
  );
}

/** Returns how long ago a point in time was, in one unit, where a table has no room for more: `3 days`. The exact one is its title. */
export function Ago(props: { readonly iso: string; readonly now: Date }) {
  const { iso } = props;
  const ms = Math.max(0, props.now.getTime() - Date.parse(iso));
  return (
    <time datetime={iso} title={`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`}>
      {roughDurationText(ms)}
    </time>
  );
}
