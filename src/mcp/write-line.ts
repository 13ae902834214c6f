import type { Writable } from 'node:stream';

/** Lines that go out together, by stream. */
const WAITING = new WeakMap<Writable, string>();

/** Writes one line. All lines that are written before the next callback go out together: many callers at once cost one system call. */
export function writeLine(stream: Writable, text: string): void {
  const before = WAITING.get(stream);
  WAITING.set(stream, before === undefined ? `${text}\n` : `${before}${text}\n`);
  if (before !== undefined) return;
  process.nextTick(() => {
    const lines = WAITING.get(stream) ?? '';
    WAITING.delete(stream);
    stream.write(lines);
  });
}
