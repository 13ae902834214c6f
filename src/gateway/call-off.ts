/** Why a call was called off by us. */
const [LATE, HELD] = [Symbol('it took too long'), Symbol('it is not approved any more')];

/** Calls something off because it took too long. */
export function callOffLate(abort: AbortController): void {
  abort.abort(LATE);
}

/** Calls something off because nobody approves it any more. */
export function callOffHeld(abort: AbortController): void {
  abort.abort(HELD);
}

/** Returns whether something was called off because it took too long. */
export function isLate({ reason }: AbortSignal): boolean {
  return reason === LATE;
}

/** Returns whether something was called off because nobody approves it any more. */
export function isHeld({ reason }: AbortSignal): boolean {
  return reason === HELD;
}
