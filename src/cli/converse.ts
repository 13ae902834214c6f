import type { SealwatchError } from '../errors.js';
import type { Backend } from '../gateway/backend.js';
import type { Listener } from '../gateway/client-end.js';
import { ClientSession } from '../gateway/client-session.js';
import { readClientLines } from '../gateway/read-client-lines.js';
import { StdioClient } from '../gateway/stdio-client.js';
import { LOCAL_SUBJECT } from '../model/access.js';
import type { Cli } from './cli.js';

/**
 * Talks to the client that started this program, over standard input and output. Resolves when it has gone, or with why the server did:
 * `onEnded` of whoever answers is called with it.
 */
export async function converse(
  cli: Cli,
  backendFor: (client: Listener, onEnded: (reason: SealwatchError) => void) => Backend,
): Promise<SealwatchError | undefined> {
  const reason = await new Promise<SealwatchError | undefined>((resolve) => {
    const end = new StdioClient(cli.io.stdout);
    const onEnded = (why: SealwatchError): void => {
      void client.settled().then(() => {
        resolve(why);
      });
    };
    const client = new ClientSession(backendFor(end, onEnded), end);
    const leave = (): void => {
      void client.close().then(() => {
        resolve(undefined);
      });
    };
    readClientLines(cli.io.stdin, {
      onMessage: (message) => void client.receive(message, LOCAL_SUBJECT),
      onEnd: leave,
    });
    cli.signal.addEventListener('abort', leave, { once: true });
  });
  cli.io.stdin.destroy();
  return reason;
}
