/** Headers by which a proxy on this machine says that it speaks for another one. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/** Returns whether a request came from this machine, and not through a proxy on it. What another machine claims counts for nothing. */
export function isFromHere(address: string | undefined, hasHeader: (name: string) => boolean): boolean {
  return /^(?:127\.|::1$|::ffff:127\.)/.test(address ?? '') && !FORWARDED.some(hasHeader);
}
