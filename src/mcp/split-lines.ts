const LINE_FEED = 0x0a;

/**
 * Returns a function that takes chunks of bytes and calls back with each whole line, without its end. A line that grows
 * beyond `maxBytes` is reported as soon as it does, once, and nothing is kept from then on.
 */
export function splitLines(options: {
  readonly maxBytes: number;
  readonly onLine: (line: Buffer) => void;
  readonly onTooLong: () => void;
}): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer): boolean => {
    length += part.length;
    parts.push(part);
    return length <= options.maxBytes;
  };
  return (chunk) => {
    let start = 0;
    while (length <= options.maxBytes) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (!keep(chunk.subarray(start, end === -1 ? chunk.length : end))) {
        parts = [];
        options.onTooLong();
        return;
      }
      if (end === -1) return;
      const [only] = parts;
      const line = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, length);
      parts = [];
      length = 0;
      start = end + 1;
      options.onLine(line);
    }
  };
}
