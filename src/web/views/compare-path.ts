import type { RefText } from '../../model/definition.js';

/** Returns the path of the page with the versions of a definition. */
export function comparePath(basePath: string, server: string, refText: RefText): string {
  return `${basePath}/servers/${server}/compare?${new URLSearchParams({ ref: refText }).toString()}`;
}
