import type { Site } from '../site.js';
import { AUDIT_OPERATIONS } from './audit-operations.js';
import { CALL_OPERATIONS } from './call-operations.js';
import { eventOperation } from './event-operation.js';
import type { Operation } from './operation.js';
import { REQUEST_OPERATIONS } from './request-operations.js';
import { SERVER_OPERATIONS } from './server-operations.js';
import { SERVICE_OPERATIONS } from './service-operations.js';

/** Returns everything that the API can do, in the order of its document. */
export function operationsOf(site: Pick<Site, 'deps'>): readonly Operation[] {
  return [
    ...REQUEST_OPERATIONS,
    ...SERVER_OPERATIONS,
    ...AUDIT_OPERATIONS,
    ...CALL_OPERATIONS,
    ...SERVICE_OPERATIONS,
    eventOperation(site),
  ];
}
