/** A JSON Pointer (RFC 6901): empty for the whole document, else `/token/token`. */
export type Pointer = string;

/** Returns the pointer one level below `parent`. */
export function pointerTo(parent: Pointer, token: string | number): Pointer {
  if (typeof token === 'number' || !/[~/]/.test(token)) return `${parent}/${token}`;
  return `${parent}/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Returns the tokens of a pointer, unescaped; the empty pointer has none. */
export function pointerTokens(pointer: Pointer): readonly string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
