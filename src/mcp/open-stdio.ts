import { SealwatchError } from '../errors.js';
import { decodeUtf8 } from '../integrity/decode-utf8.js';
import type { Limits } from '../model/limits.js';
import type { Launch } from '../model/server.js';
import type { Lifeline } from './lifeline.js';
import type { Link, Receiver } from './link.js';
import { splitLines } from './split-lines.js';
import { startChild } from './start-child.js';
import { writeLine } from './write-line.js';

/**
 * Starts a server and talks to it over its standard input and output, one message a line. The process is started once,
 * whatever generation of the protocol it speaks.
 *
 * @throws {SealwatchError} `OBSERVE_START_FAILED`
 */
export async function openStdio(
  launch: Launch,
  context: {
    readonly limits: Limits;
    readonly lifeline: Lifeline;
    readonly receiver: Receiver & { strayHint(): string };
  },
): Promise<Link> {
  const { limits, lifeline, receiver } = context;
  const child = await startChild(launch);
  const readChunk = splitLines({
    maxBytes: limits.maxMessageBytes,
    onLine: (line) => {
      readLine(line, lifeline, receiver);
    },
    onTooLong: () => {
      lifeline.fail(
        new SealwatchError('OBSERVE_MESSAGE_TOO_LARGE', `a line is longer than ${limits.maxMessageBytes} bytes`),
      );
    },
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (lifeline.reason === undefined) readChunk(chunk);
  });
  let isClosing = false;
  const failUnlessClosing = (error: SealwatchError): void => {
    if (!isClosing) lifeline.fail(error);
  };
  child.stdout.once('end', () => {
    setTimeout(() => {
      failUnlessClosing(new SealwatchError('OBSERVE_CLOSED', 'the server closed its standard output'));
    }, EXIT_FOLLOWS_MS).unref();
  });
  void child.exited.then(({ code, message }) => {
    failUnlessClosing(new SealwatchError(code, message + receiver.strayHint()));
  });
  return {
    send: (message) => {
      if (child.stdin.writable) writeLine(child.stdin, JSON.stringify(message));
      // Attack: a server that asks without end and reads no answer fills our memory with answers.
      if (child.stdin.writableLength > MAX_UNREAD_MESSAGES * limits.maxMessageBytes)
        failUnlessClosing(new SealwatchError('OBSERVE_CLOSED', 'the server does not read what it is sent'));
      return Promise.resolve();
    },
    // All messages share one pipe.
    end: () => undefined,
    useRevision: () => Promise.resolve(),
    close: async () => {
      isClosing = true;
      // Whatever went wrong, there is nothing to be calm for.
      await child.end(lifeline.reason === undefined ? 'calm' : 'hurried');
    },
  };
}

/** So many of the largest messages may wait until a server that is busy reads them. */
const MAX_UNREAD_MESSAGES = 4;

/** Standard output usually ends because the process did, which says more. */
const EXIT_FOLLOWS_MS = 300;

function readLine(line: Buffer, lifeline: Lifeline, receiver: Receiver): void {
  if (line.length === 0 || (line.length === 1 && line[0] === 0x0d)) return;
  try {
    receiver.receive(decodeUtf8(line), line.length);
  } catch (error) {
    if (!(error instanceof SealwatchError)) throw error;
    if (error.code === 'JSON_REPEATED_MEMBER' || isMeantAsMessage(line)) lifeline.fail(error);
    else receiver.receiveStray(line.toString('utf8', 0, 200));
  }
}

/** A broken message must be told from a line of log: the one ends the observation, the other is only remarked on. */
function isMeantAsMessage(line: Buffer): boolean {
  return line.includes('"jsonrpc"');
}
