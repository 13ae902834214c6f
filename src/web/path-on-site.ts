/**
 * Returns a path on our own site to go on to, the start page in place of anything else.
 *
 * Attack: an open redirect. `//evil.example`, `/\evil.example` and `/.//evil.example` are other sites to a browser (URL Standard).
 */
export function pathOnSite(text: string | undefined): string {
  if (text === undefined || text.length > MAX_CHARACTERS || !isPath(text) || !URL.canParse(text, BASE)) return '/';
  const url = new URL(text, BASE);
  const path = `${url.pathname}${url.search}`;
  // The parser takes dots out of a path, so that what comes out is looked at too.
  return url.origin === BASE && isPath(path) ? path : '/';
}

/** Longer than any address of ours; it is kept while the browser is at the provider. */
const MAX_CHARACTERS = 2_000;

const BASE = 'https://site.invalid';

function isPath(text: string): boolean {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(text) && !text.includes('\\');
}
