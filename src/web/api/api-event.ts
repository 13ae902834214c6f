import { hasRole, hasRoleEverywhere, type Principal } from '../../model/principal.js';

/** Everything that the stream tells of, besides `reset`: what came between cannot be told any more, and everything has to be read anew. */
export const EVENT_TYPES = [
  'request-opened',
  'request-settled',
  'request-superseded',
  'request-withdrawn',
  'server-checked',
  'server-unchecked',
  'delivery-failed',
] as const;

/** Something that happened. */
export interface ApiEvent {
  readonly type: (typeof EVENT_TYPES)[number];
  /** Its position in the audit log; `undefined` for what is not in it, and is not told again after a new connection. */
  readonly position: number | undefined;
  /** `undefined` for what concerns every server. */
  readonly server: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Returns whether somebody may hear of an event. */
export function mayHear(principal: Principal, { server }: ApiEvent): boolean {
  return server === undefined ? hasRoleEverywhere(principal, 'viewer') : hasRole(principal, 'viewer', server);
}

/** Returns an event as it is written into the stream (HTML, section 9.2.6): JSON of one line, so that no text ends it early. */
export function eventText({ type, position, data }: ApiEvent): string {
  const id = position === undefined ? '' : `id: ${position}\n`;
  return `${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
