import { SealwatchError } from '../errors.js';
import type { Actor, ChangeRequest } from '../model/change-request.js';
import { settleRequest } from '../monitor/approve.js';
import { assess } from '../monitor/assess.js';
import type { Cli, Outcome } from './cli.js';
import type { Selection } from './find-request.js';
import { requestJson } from '../render/request-json.js';
import type { Session } from './session.js';
import { countsOf, printStanding, type StandingRow } from './standing.js';

/** A decision about some selections, as it was taken. */
export interface Decided {
  readonly decision: 'approve' | 'reject';
  readonly actor: Actor;
  readonly comment: string | undefined;
}

/** Settles selections, each bound to the digest that was shown, and returns the outcome. */
export async function settleSelections(
  selections: readonly Selection[],
  { decision, actor, comment }: Decided,
  session: Session,
): Promise<Outcome> {
  const settled: ChangeRequest[] = [];
  for (const { request, only } of selections) {
    const input = {
      request: request.id,
      expectedDigest: request.digest,
      decision,
      actor,
      ...(only === undefined ? {} : { only }),
      ...(comment === undefined ? {} : { comment }),
    };
    settled.push(await settleRequest(input, session.servers, session.deps));
  }
  const rows = await standingRows(settled, session);
  return {
    // Endorsed and still open: somebody else is needed.
    exitCode: settled.some(({ state }) => state === 'open') ? 1 : 0,
    json: { decision, settled: settled.map(requestJson) },
    print: (terminal) => {
      const word = decision === 'approve' ? terminal.paint.green('Approved') : terminal.paint.yellow('Rejected');
      for (const { id, server, state } of settled)
        terminal.line(
          state === 'open'
            ? `Approved request ${id} of ${server} as the first of two persons: another one has to approve it too.`
            : `${word} request ${id} of ${server}.`,
        );
      terminal.line();
      printStanding(rows, terminal);
    },
  };
}

/** What a decision that was not taken comes to: nothing changed, and somebody is still needed. */
export function declined(): Outcome {
  return {
    exitCode: 1,
    json: { decision: null, settled: [] },
    print: (terminal) => {
      terminal.line('Nothing was decided.');
    },
  };
}

/** A question between the lines of a document would spoil it. @throws {SealwatchError} `USAGE` */
export function refuseQuestionInJson({ flags, terminal }: Cli): void {
  if (flags.json && terminal.isInteractive && !flags.yes)
    throw new SealwatchError('USAGE', '--json asks nothing: add --yes to decide');
}

async function standingRows(
  settled: readonly ChangeRequest[],
  { servers, deps }: Session,
): Promise<readonly StandingRow[]> {
  const touched = servers.filter(({ id }) => settled.some(({ server }) => server === id));
  return Promise.all(
    touched.map(async (server) => ({
      server: server.id,
      counts: countsOf(await assess(server, deps)),
      failure: undefined,
    })),
  );
}
