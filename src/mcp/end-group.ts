import { unguard } from './watchdog.js';

/** How long an honest server may take to end by itself after its input was closed, and then after SIGTERM. */
const CLOSE_GRACE_MS = 500;
const TERM_GRACE_MS = 1_500;
const KILL_GRACE_MS = 500;
const POLL_MS = 10;

/**
 * Returns when no process of the group is alive. `calm` waits for the server to end by itself first.
 *
 * A number of a group is not given to another while a member is alive, so signals reach only what we started.
 */
export async function endGroup(group: number, manner: 'calm' | 'hurried'): Promise<void> {
  const hasEnded =
    (manner === 'calm' && (await endsWithin(group, CLOSE_GRACE_MS))) ||
    (signal(group, 'SIGTERM') && (await endsWithin(group, TERM_GRACE_MS)));
  if (!hasEnded) {
    signal(group, 'SIGKILL');
    // Longer only for a process in uninterruptible sleep, or a zombie that nobody collects (a container without an init).
    await endsWithin(group, KILL_GRACE_MS);
  }
  unguard(group);
}

async function endsWithin(group: number, graceMs: number): Promise<boolean> {
  for (let waited = 0; waited < graceMs; waited += POLL_MS) {
    if (!signal(group, 0)) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return !signal(group, 0);
}

/** Returns whether the group is still there. */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(process.platform === 'win32' ? group : -group, name);
    return true;
  } catch {
    // ESRCH: it has ended. EPERM cannot be for what we started, but for a program that changed its user: out of reach.
    return false;
  }
}
