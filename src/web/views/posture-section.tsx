import type { Posture } from '../../monitor/server-detail.js';
import { makeVisible } from '../../quote.js';
import { durationText } from '../../render/duration-text.js';
import { scheduleText } from './server-words.js';

/** Returns how strictly a server is watched, as the configuration says. */
export function PostureSection({ posture }: { readonly posture: Posture }) {
  const { firstUse, schedule, maxUncheckedMs, reviewEveryMs, masks, limits } = posture;
  return (
    <section aria-labelledby="posture">
      <h2 id="posture">Posture</h2>
      <dl class="facts">
        <dt>First use</dt>
        <dd>
          {firstUse === 'hold'
            ? 'hold: a person approves what is seen first'
            : 'trust: what is seen first is approved by policy'}
        </dd>
        <dt>Checked</dt>
        <dd>{scheduleText(schedule)}</dd>
        <dt>Without a good check</dt>
        <dd>everything is on hold after {durationText(maxUncheckedMs)}</dd>
        <dt>Approvals are looked at again</dt>
        <dd>{reviewEveryMs === undefined ? 'never' : `after ${durationText(reviewEveryMs)}`}</dd>
        <dt>Masks</dt>
        <dd>
          {masks.length === 0 ? (
            'none: every byte counts'
          ) : (
            <ul>
              {masks.map(({ kind, name, pointer, pattern }) => (
                <li>
                  {kind} {makeVisible(name)} at <code>{makeVisible(pointer)}</code>: <code>{makeVisible(pattern)}</code>
                </li>
              ))}
            </ul>
          )}
        </dd>
        <dt>Limits</dt>
        <dd>
          {durationText(limits.startMs)} to start, {durationText(limits.requestMs)} for an answer;{' '}
          {bytes(limits.maxMessageBytes)} a message, {bytes(limits.maxListingBytes)} a listing,{' '}
          {bytes(limits.maxDefinitionBytes)} a definition; {limits.maxDefinitions} definitions, {limits.maxPages} pages,{' '}
          {limits.maxDepth} levels deep
        </dd>
      </dl>
    </section>
  );
}

function bytes(count: number): string {
  if (count >= 1024 * 1024) return `${Math.round((count / 1024 / 1024) * 10) / 10} MiB`;
  return count >= 1024 ? `${Math.round((count / 1024) * 10) / 10} KiB` : `${count} bytes`;
}
