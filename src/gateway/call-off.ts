/** Why a call was called off by us. */
const LATE = Symbol('it took too long');

/** Calls something off because it took too long. */
export function callOffLate(abort: AbortController): void {
  abort.abort(LATE);
}

/** Returns whether something was called off because it took too long. */
export function isLate({ reason }: AbortSignal): boolean {
  return reason === LATE;
}
