/** A signal that follows another one later. */
export interface Grace {
  readonly signal: AbortSignal;
  /** Ends the waiting; the signal does not abort any more. */
  release(): void;
}

/** Returns a signal that aborts so long after another one: what that one ends may finish meanwhile. */
export function abortAfter(signal: AbortSignal, delayMs: number): Grace {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => {
      controller.abort(signal.reason);
    }, delayMs);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      signal.removeEventListener('abort', begin);
      clearTimeout(timer);
    },
  };
}
