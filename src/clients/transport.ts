import { isMembers } from './read-target.js';

/** Whether an entry asks for the transport before Streamable HTTP. */
export function isSse(entry: unknown): boolean {
  return isMembers(entry) && (entry['type'] === 'sse' || entry['transport'] === 'sse');
}
