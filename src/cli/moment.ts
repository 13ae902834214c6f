/** Returns a time for people, to the second, in UTC so that two readers mean the same: `2026-11-22 23:01:05Z`. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;
}
