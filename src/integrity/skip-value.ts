import { readNumberEnd, readStringEnd, skipWhitespace, type Source, syntaxError } from './source.js';

const OBJECT = 1;
const ARRAY = 2;

/**
 * Moves past one value of any depth, checking its syntax but keeping nothing of it: in linear time, and without
 * recursion, so that a subtree of a hundred thousand levels cannot exhaust the stack.
 *
 * @throws {SealwatchError} `JSON_SYNTAX`
 */
export function skipValue(source: Source): void {
  let open = new Uint8Array(64);
  let depth = 0;
  for (;;) {
    const opened = openContainer(source);
    if (depth === open.length) open = grown(open);
    if (opened !== 0) open[depth++] = opened;
    else depth = closeContainers(source, open, depth);
    if (depth === 0) return;
    if (open[depth - 1] === OBJECT) skipMemberName(source);
  }
}

function grown(open: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(open.length * 2);
  larger.set(open);
  return larger;
}

/** Moves past a scalar, an empty container, or the opening of a container; returns which one is open now, else 0. */
function openContainer(source: Source): number {
  switch (source.text.charCodeAt(source.position)) {
    case 0x7b:
      return enter(source, 0x7d) ? OBJECT : 0;
    case 0x5b:
      return enter(source, 0x5d) ? ARRAY : 0;
    default:
      skipScalar(source);
      return 0;
  }
}

function enter(source: Source, closing: number): boolean {
  source.position++;
  skipWhitespace(source);
  if (source.text.charCodeAt(source.position) !== closing) return true;
  source.position++;
  return false;
}

/** After a value: moves past closing brackets and one comma; returns how many containers are still open. */
function closeContainers(source: Source, open: Uint8Array, depth: number): number {
  let remaining = depth;
  while (remaining > 0) {
    skipWhitespace(source);
    const code = source.text.charCodeAt(source.position);
    const closing = open[remaining - 1] === OBJECT ? 0x7d : 0x5d;
    if (code !== 0x2c && code !== closing) throw syntaxError(source, closing === 0x7d ? '"," or "}"' : '"," or "]"');
    source.position++;
    if (code === 0x2c) break;
    remaining--;
  }
  if (remaining > 0) skipWhitespace(source);
  return remaining;
}

function skipMemberName(source: Source): void {
  if (source.text.charCodeAt(source.position) !== 0x22) throw syntaxError(source, 'a member name');
  skipString(source);
  skipWhitespace(source);
  if (source.text.charCodeAt(source.position) !== 0x3a) throw syntaxError(source, '":"');
  source.position++;
  skipWhitespace(source);
}

function skipScalar(source: Source): void {
  const word = ['true', 'false', 'null'].find((one) => source.text.startsWith(one, source.position));
  if (word !== undefined) source.position += word.length;
  else if (source.text.charCodeAt(source.position) === 0x22) skipString(source);
  else readNumberEnd(source);
}

function skipString(source: Source): void {
  const start = source.position;
  if (!readStringEnd(source)) return;
  try {
    JSON.parse(source.text.slice(start, source.position));
  } catch {
    // Only a bad escape is left to be wrong; the error that we throw instead says where.
    source.position = start;
    throw syntaxError(source, 'a string with valid escapes');
  }
}
