import type { Writable } from 'node:stream';

/** Writes one line. All lines that are written before the next callback go out together: many callers at once cost one system call. */
export function writeLine(stream: Writable, text: string): void {
  if (stream.writableCorked === 0) {
    stream.cork();
    process.nextTick(() => {
      stream.uncork();
    });
  }
  stream.write(`${text}\n`);
}
