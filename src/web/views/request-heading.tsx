import type { ChangeRequest } from '../../model/change-request.js';
import { Moment } from './moment.js';

/** Returns what a request is about, in a heading and a line below it. */
export function RequestHeading({ request }: { readonly request: ChangeRequest }) {
  return (
    <>
      <h1>{headline(request)}</h1>
      <p class="meta">
        <span class={`urgency ${request.urgency}`}>{request.urgency}</span> Request {request.id}, opened{' '}
        <Moment iso={request.openedAt} />
        {request.flapping ? ', comes and goes' : ''}
      </p>
    </>
  );
}

/** Returns a request in a few words: `github: 2 definitions differ`. */
export function headline(request: ChangeRequest): string {
  const { server, changes, findings } = request;
  if (changes.length === 0) return `${server}: ${findings.length === 1 ? 'a new finding' : 'new findings'} to look at`;
  return changes.length === 1 ? `${server}: one definition differs` : `${server}: ${changes.length} definitions differ`;
}
