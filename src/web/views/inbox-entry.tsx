import type { ChangeRequest } from '../../model/change-request.js';
import { CHANGE_CLASSES, type ClassifiedChange } from '../../model/drift.js';
import type { InboxItem } from '../../monitor/inbox.js';
import { makeVisible } from '../../quote.js';
import { durationText } from '../../render/duration-text.js';
import { oneLine } from '../../render/one-line.js';
import { summariseChange } from '../../render/summarise-change.js';
import { CLASS_NAMES } from './class-words.js';
import { headline } from './request-heading.js';

interface Props {
  readonly item: InboxItem;
  readonly basePath: string;
  readonly now: Date;
}

/** Returns one request of the inbox: enough to know what it is about and whether it may be decided from here. */
export function InboxEntry(props: Props) {
  const { request } = props.item;
  return (
    <li class={`item ${request.urgency}`}>
      <Tick {...props} />
      <div class="what">
        <h2>
          <a href={`${props.basePath}/requests/${request.id}`}>{headline(request)}</a>
        </h2>
        <Changes request={request} />
        <Approvals {...props} />
        <NotFromHere {...props} />
      </div>
      <p class="age">
        <span class={`urgency ${request.urgency}`}>{request.urgency}</span>{' '}
        <time datetime={request.openedAt}>{ageText(request, props.now)}</time>
      </p>
    </li>
  );
}

const MINUTE_MS = 60_000;

function ageText({ openedAt }: ChangeRequest, now: Date): string {
  const ms = now.getTime() - Date.parse(openedAt);
  return ms < MINUTE_MS ? 'just now' : `${durationText(ms - (ms % MINUTE_MS))} ago`;
}

/** The value names what is shown here: a request that drifts on is not decided by it. */
function Tick({ item }: Props) {
  const { request, mayDecide } = item;
  if (!mayDecide) return <span />;
  return (
    <input
      type="checkbox"
      name="item"
      value={`${request.id}:${request.digest}`}
      aria-label={`Request ${request.id}, ${request.server}`}
      {...(mayTick(item) ? {} : { disabled: true, 'aria-describedby': `why-${request.id}` })}
    />
  );
}

function mayTick({ wasOpened, mayDecideUnopened }: InboxItem): boolean {
  return wasOpened || mayDecideUnopened;
}

/** Enough to recognise it; the page of the request shows all. */
const MAX_CHANGES = 3;

function Changes({ request }: { readonly request: ChangeRequest }) {
  const { changes, review } = request;
  const more = changes.length - MAX_CHANGES;
  return (
    <>
      {changes
        .toSorted(worstFirst)
        .slice(0, MAX_CHANGES)
        .map((change) => (
          <p>
            <ChangeText change={change} />
          </p>
        ))}
      {more > 0 ? <p class="why">and {more} more</p> : null}
      {review.length === 0 ? null : (
        <p>{review.length === 1 ? 'One approval is' : `${review.length} approvals are`} due to be looked at again</p>
      )}
    </>
  );
}

function worstFirst(a: ClassifiedChange, b: ClassifiedChange): number {
  return CHANGE_CLASSES.indexOf(a.class) - CHANGE_CLASSES.indexOf(b.class);
}

function ChangeText({ change }: { readonly change: ClassifiedChange }) {
  return (
    <>
      <strong>{CLASS_NAMES[change.class]}</strong>: {summariseChange(change)}{' '}
      {change.kind === 'removed' ? null : <span class="why">({oneLine(change.because)})</span>}
    </>
  );
}

function Approvals({ item }: Props) {
  const { personsNeeded, request } = item;
  const [first] = request.endorsements;
  if (personsNeeded === 1) return null;
  return (
    <p class="why">
      {first === undefined ? 'Needs two persons.' : `Approved by ${makeVisible(first.by)}; needs another person.`}
    </p>
  );
}

function NotFromHere({ item }: Props) {
  const { request, mayDecide } = item;
  if (!mayDecide) return <p class="why">You may look at this server and not decide about it.</p>;
  if (mayTick(item)) return null;
  return (
    <p class="why" id={`why-${request.id}`}>
      Open it first: {request.review.length === 0 ? `a ${request.urgency} change` : 'a review'} is not decided unread.
    </p>
  );
}
