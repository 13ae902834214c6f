import { codeOf, type ErrorCode } from '../errors.js';
import type { Lifeline } from '../mcp/lifeline.js';
import type { OpenUpstream, Upstream } from '../mcp/open-upstream.js';
import type { Server } from '../model/server.js';
import { isLate } from './call-off.js';
import type { Circuits, Verdict, Work } from './circuits.js';

/** A server is not there, or does not do what it is for. What we refuse to connect to, and what a person has to mend, costs it nothing. */
const FAILURES: readonly ErrorCode[] = [
  'OBSERVE_START_FAILED',
  'OBSERVE_CONNECT_FAILED',
  'OBSERVE_TIMEOUT',
  'OBSERVE_HTTP_STATUS',
  'OBSERVE_NOT_JSON_RPC',
  'OBSERVE_MESSAGE_TOO_LARGE',
  'OBSERVE_LISTING_TOO_LARGE',
];

/** A process of a client's own that ended says nothing about those of others: whether another can be started does. */
const ENDS: readonly ErrorCode[] = ['OBSERVE_EXITED', 'OBSERVE_CLOSED'];

/** Returns what opens connections to servers, and leaves those alone that fail. */
export function throughCircuits(open: OpenUpstream, circuits: Circuits): OpenUpstream {
  return async (server, introduction, signal) => {
    const opened = await tried(
      'connect',
      server,
      circuits,
      () => signal.aborted,
      async () => await open(server, introduction, signal),
    );
    return guarded(opened, server, circuits);
  };
}

function guarded(upstream: Upstream, server: Server, circuits: Circuits): Upstream {
  return {
    ...upstream,
    observe: async (signal) =>
      await tried(
        'list',
        server,
        circuits,
        () => signal.aborted,
        async () => await upstream.observe(signal),
      ),
    request: async (method, params, life) =>
      await tried(
        'call',
        server,
        circuits,
        () => isUnwanted(life),
        async () => await upstream.request(method, params, life),
      ),
  };
}

/** One that took too long was wanted. */
function isUnwanted(life: Lifeline): boolean {
  return life.reason !== undefined && !isLate(life);
}

async function tried<Result>(
  work: Work,
  server: Server,
  circuits: Circuits,
  isCalledOff: () => boolean,
  action: () => Promise<Result>,
): Promise<Result> {
  const tell = circuits.enter(server.id, work, server.gateway.circuit);
  try {
    const result = await action();
    tell('success');
    return result;
  } catch (error) {
    tell(isCalledOff() ? 'neither' : verdictOn(codeOf(error), work));
    throw error;
  }
}

function verdictOn(code: ErrorCode, work: Work): Verdict {
  // It is there, and says that it cannot.
  if (code === 'OBSERVE_SERVER_ERROR') return 'success';
  return FAILURES.includes(code) || (work === 'connect' && ENDS.includes(code)) ? 'failure' : 'neither';
}
