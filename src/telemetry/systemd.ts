import { execFile } from 'node:child_process';

import type { Logger } from '../ports.js';

/** Tells systemd how the service is, where systemd started it as `Type=notify`. */
export interface ServiceManager {
  /** The first round is done. */
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
  /** Stops telling that the service is alive. */
  release(): void;
}

/** A program that tells systemd something in a few milliseconds has hung if it takes so long. */
const NOTIFY_MS = 5_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns what talks to systemd (sd_notify(3)), nothing where `NOTIFY_SOCKET` is not set. `isAlive` is asked in half of the time that
 * the watchdog allows; where it says no, systemd hears nothing, and restarts the service.
 *
 * Node has no datagram sockets of the file system, so `systemd-notify` tells it: the unit needs `NotifyAccess=all`.
 */
export function createServiceManager(env: Environment, isAlive: () => boolean, logger: Logger): ServiceManager {
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') {
    return { ready: () => Promise.resolve(), stopping: () => Promise.resolve(), release: () => undefined };
  }
  const tell = (...assignments: readonly string[]): Promise<void> =>
    runNotify(assignments, { PATH: env['PATH'] ?? '/usr/bin:/bin', NOTIFY_SOCKET: socket }, logger);
  const intervalMs = watchdogMs(env) / 2;
  const timer =
    intervalMs > 0
      ? setInterval(() => {
          if (isAlive()) void tell('WATCHDOG=1');
        }, intervalMs)
      : undefined;
  return {
    ready: (status) => tell('READY=1', `STATUS=${status}`),
    stopping: () => tell('STOPPING=1'),
    release: () => {
      clearInterval(timer);
    },
  };
}

/** `WATCHDOG_PID` names the process that is watched; another one, such as a shell before us, is none of ours. */
function watchdogMs(env: Environment): number {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = env;
  if (microseconds === undefined || !/^\d{1,15}$/.test(microseconds)) return 0;
  if (pid !== undefined && pid !== '' && pid !== String(process.pid)) return 0;
  return Number(microseconds) / 1_000;
}

/** Nothing that the service does fails because its manager did not hear of it. */
function runNotify(assignments: readonly string[], env: Record<string, string>, logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    execFile('systemd-notify', [...assignments], { env, timeout: NOTIFY_MS, killSignal: 'SIGKILL' }, (error) => {
      if (error !== null) logger.warn(`systemd could not be told ${assignments.join(' ')}: ${error.message}`);
      resolve();
    });
  });
}
