/** Returns an http or https address; `undefined` for everything else. (`URL.parse` is not in Node 20.) */
export function parseUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url : undefined;
}
