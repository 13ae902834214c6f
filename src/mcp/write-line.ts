import type { Writable } from 'node:stream';

/** Writes one line. All lines of one turn of the event loop go out together: many callers at once cost one system call. */
export function writeLine(stream: Writable, text: string): void {
  if (stream.writableCorked === 0) {
    stream.cork();
    setImmediate(() => {
      stream.uncork();
    });
  }
  stream.write(`${text}\n`);
}
