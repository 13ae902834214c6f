import type { AuditEntry, AuditType } from '../../model/audit.js';
import type { ChangeRequest } from '../../model/change-request.js';
import { memberOf } from '../../model/json.js';
import type { Store } from '../../ports.js';
import type { ApiEvent } from './api-event.js';

/**
 * Returns what entries of the audit log tell, in their order. An entry whose content was erased does not say what it is about, and
 * tells nothing.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function loggedEvents(
  entries: readonly AuditEntry[],
  store: Pick<Store, 'getRequest'>,
): Promise<readonly ApiEvent[]> {
  const events: ApiEvent[] = [];
  for (const entry of entries) {
    const tell = TOLD[entry.type];
    if (tell === undefined) continue;
    const id = memberOf(entry.details, 'request');
    const request = typeof id === 'number' ? await store.getRequest(id) : undefined;
    if (request === undefined) continue;
    const { type, data } = tell(entry, request);
    const { server } = request;
    events.push({ type, position: entry.index, server, data: { request: request.id, server, at: entry.at, ...data } });
  }
  return events;
}

type Told = Pick<ApiEvent, 'type' | 'data'>;

/** What else is in the log is nobody's business here. */
const TOLD: Partial<Readonly<Record<AuditType, (entry: AuditEntry, request: ChangeRequest) => Told>>> = {
  'request-opened': (_, { urgency }) => ({ type: 'request-opened', data: { urgency, again: false } }),
  'request-reopened': (_, { urgency }) => ({ type: 'request-opened', data: { urgency, again: true } }),
  'request-approved': ({ actor }) => ({ type: 'request-settled', data: { outcome: 'approved', by: actor } }),
  'request-rejected': ({ actor }) => ({ type: 'request-settled', data: { outcome: 'rejected', by: actor } }),
  'request-superseded': ({ details }) => ({
    type: 'request-superseded',
    data: { supersededBy: memberOf(details, 'by') ?? null },
  }),
  'request-withdrawn': () => ({ type: 'request-withdrawn', data: {} }),
};
