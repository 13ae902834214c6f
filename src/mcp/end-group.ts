import { unguard } from './watchdog.js';

/** How long an honest server may take to end by itself after its input was closed, and then after SIGTERM. */
const CLOSE_GRACE_MS = 500;
const TERM_GRACE_MS = 1_500;

/** How long what the leader left behind may take. Zombies that nobody collects (a container without an init) look alive. */
const REST_GRACE_MS = 200;
const POLL_MS = 10;

/**
 * Ends a process group: `calm` waits for its leader to end by itself first, since its input is closed. Returns when the
 * leader is gone and nothing of the group can run on.
 *
 * A number of a group is not given to another while a member is there, so signals reach only what we started.
 */
export async function endGroup(group: number, exited: Promise<unknown>, manner: 'calm' | 'hurried'): Promise<void> {
  if (manner === 'calm') await settlesWithin(exited, CLOSE_GRACE_MS);
  if (signal(group, 'SIGTERM')) {
    const hasEnded = await settlesWithin(exited, TERM_GRACE_MS);
    if (hasEnded) await endsWithin(group, REST_GRACE_MS);
    // Longer only for a process in uninterruptible sleep, for which nobody can wait.
    if (signal(group, 'SIGKILL') && !hasEnded) await settlesWithin(exited, TERM_GRACE_MS);
  }
  unguard(group);
}

async function settlesWithin(work: Promise<unknown>, graceMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, graceMs, false);
  });
  const done = work.then(() => true);
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function endsWithin(group: number, graceMs: number): Promise<void> {
  for (let waited = 0; waited < graceMs && signal(group, 0); waited += POLL_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
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
