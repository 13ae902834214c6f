import type { ServerDetail } from '../../monitor/server-detail.js';
import { type TimeLineEvent, timeLine } from '../../monitor/time-line.js';
import { makeVisible } from '../../quote.js';
import { Moment } from './moment.js';

/** Older events are in the audit log. */
const MAX_SHOWN = 100;

interface Props {
  readonly server: ServerDetail;
  readonly basePath: string;
}

/** Returns what happened to a server, newest first. */
export function TimeLineSection({ server, basePath }: Props) {
  const events = timeLine(server);
  if (events.length === 0) return null;
  return (
    <section aria-labelledby="time-line">
      <h2 id="time-line">Time line</h2>
      <ol class="history">
        {events.slice(0, MAX_SHOWN).map((event) => (
          <li class={event.kind}>
            <Moment iso={event.at} /> <Sentence event={event} basePath={basePath} />
          </li>
        ))}
      </ol>
      {events.length > MAX_SHOWN ? <p class="hint">{events.length - MAX_SHOWN} older events are not shown.</p> : null}
    </section>
  );
}

function Sentence({ event, basePath }: { readonly event: TimeLineEvent; readonly basePath: string }) {
  switch (event.kind) {
    case 'opened':
      return (
        <>
          <Request id={event.request} basePath={basePath} /> opened{' '}
          <span class={`urgency ${event.urgency}`}>{event.urgency}</span>
        </>
      );
    case 'settled':
      return (
        <>
          <Request id={event.request} basePath={basePath} /> {event.outcome} by {makeVisible(event.by)}
          {event.definitions === 0 ? '' : `: ${definitions(event.definitions)}`}
        </>
      );
    case 'approved':
      return (
        <>
          {definitions(event.definitions)} approved by {makeVisible(event.by)}
        </>
      );
    case 'ended':
      return (
        <>
          {event.definitions === 1 ? 'one approval' : `${event.definitions} approvals`} ended by {makeVisible(event.by)}
        </>
      );
    case 'outage':
      return <>could not be checked from here on</>;
  }
}

function Request({ id, basePath }: { readonly id: number; readonly basePath: string }) {
  return <a href={`${basePath}/requests/${id}`}>request {id}</a>;
}

function definitions(count: number): string {
  return count === 1 ? 'one definition' : `${count} definitions`;
}
