import { ISOLATED_ENVIRONMENT, type IsolatedProgram, type IsolationLimits } from './isolation.js';

/** Folders with programs and libraries; where they are links (`/bin` to `usr/bin`), these are made anew. */
export const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64'] as const;

/** What the loader needs to find libraries and what `/usr/bin` links to; nothing else of `/etc` is shown. */
export const SYSTEM_FILES = ['/etc/ld.so.cache', '/etc/alternatives'] as const;

/** Returns `prlimit` with the limits of a process. */
export function limitArguments(limits: IsolationLimits): readonly string[] {
  return [
    'prlimit',
    `--as=${limits.maxMemoryBytes}`,
    `--cpu=${limits.maxCpuSeconds}`,
    `--fsize=${limits.maxFileBytes}`,
    `--nofile=${limits.maxOpenFiles}`,
    `--nproc=${limits.maxProcesses}`,
    '--core=0',
    '--',
  ];
}

/** Returns `env` with the whole environment, and the program with its arguments. */
export function programArguments({ command, args }: IsolatedProgram): readonly string[] {
  const variables = Object.entries(ISOLATED_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  // Attack: a command called `A=b` would be one more variable to `env`, and its argument the program.
  return ['env', '-i', ...variables, 'sh', '-c', 'exec "$@"', 'sh', command, ...args];
}
