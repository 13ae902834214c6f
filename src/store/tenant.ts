/** The one tenant until there are several. */
export const TENANT = 'default';

/** Returns the name of a store's audit log, which is the name of its key too. */
export function originOf(storeId: string): string {
  return `sealwatch/${storeId}`;
}
