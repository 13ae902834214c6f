import { userInfo } from 'node:os';

import { SealwatchError } from '../errors.js';
import type { Actor } from '../model/change-request.js';
import { approverByToken } from '../monitor/approver.js';
import type { MonitorDeps } from '../monitor/deps.js';
import type { Cli } from './cli.js';

/** Holds the token that `approver add` printed, where no terminal is there to ask at. */
export const TOKEN_VARIABLE = 'SEALWATCH_APPROVER_TOKEN';

/**
 * Returns who decides: the approver whose token is set, else the user at the terminal. `--yes` answers a question; it does
 * not make a person out of a script.
 *
 * @throws {SealwatchError} `APPROVER_TOKEN_MISSING`; `APPROVER_UNKNOWN` where the token is nobody's (any more).
 */
export async function decidingActor(cli: Cli, deps: MonitorDeps): Promise<Actor> {
  const token = cli.env[TOKEN_VARIABLE] ?? '';
  if (token !== '') {
    const name = await approverByToken(token, deps);
    if (name === undefined) throw new SealwatchError('APPROVER_UNKNOWN', `the token in ${TOKEN_VARIABLE} is nobody's`);
    return { kind: 'person', name, how: 'token' };
  }
  if (cli.terminal.isInteractive) return { kind: 'person', name: userName(), how: 'terminal' };
  throw new SealwatchError(
    'APPROVER_TOKEN_MISSING',
    'deciding takes a person at a terminal or the token of an approver, and there is neither',
  );
}

/** The name of the account; its number where it has no name, as in some containers. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // The account is not in the password database: the number says as much as there is to say.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
