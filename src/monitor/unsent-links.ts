/** A link as it stands in a message. */
export interface IssuedLink {
  readonly token: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/**
 * Links of messages that no channel has taken yet, in memory: a message that is tried again carries the same one. A channel that is
 * down for a day would otherwise fill the log with links that nobody ever got.
 */
export class UnsentLinks {
  private readonly links = new Map<string, IssuedLink>();

  /** Returns the link of a message that is composed again; `undefined` where there is none, or its time is over. */
  find(key: string, now: Date): IssuedLink | undefined {
    const link = this.links.get(key);
    return link !== undefined && now.toISOString() < link.expiresAt ? link : undefined;
  }

  keep(key: string, link: IssuedLink): void {
    this.links.set(key, link);
    const [oldest] = this.links.keys();
    if (this.links.size > MAX_LINKS && oldest !== undefined) this.links.delete(oldest);
  }

  /** A message was taken: whoever is told again later gets a link of that telling. */
  forget(token: string): void {
    for (const [key, link] of this.links) if (link.token === token) this.links.delete(key);
  }
}

/** More are forgotten, oldest first; a forgotten one is issued anew. */
const MAX_LINKS = 10_000;
