/** Ways to start a program apart from this machine, best first. Each hides its files, its network and its other processes. */
export const ISOLATION_KINDS = ['bubblewrap', 'other-user', 'user-namespaces'] as const;

export type IsolationKind = (typeof ISOLATION_KINDS)[number];

/** A way that is to be had here; `program` is the absolute path of what makes it. */
export interface Isolation {
  readonly kind: IsolationKind;
  readonly program: string;
}

/** How much an isolated process may use. */
export interface IsolationLimits {
  /** Address space of each process. */
  readonly maxMemoryBytes: number;
  /** Processor time of each process, in seconds. */
  readonly maxCpuSeconds: number;
  /** One file that is written. */
  readonly maxFileBytes: number;
  readonly maxOpenFiles: number;
  readonly maxProcesses: number;
}

/** Node reserves far more address space than it uses: below about two gigabytes it does not start. */
export const DEFAULT_ISOLATION_LIMITS: IsolationLimits = {
  maxMemoryBytes: 8 * 1024 ** 3,
  maxCpuSeconds: 60,
  maxFileBytes: 64 * 1024 ** 2,
  maxOpenFiles: 512,
  maxProcesses: 256,
};

/** The home of an isolated process: a folder in memory, which is empty at the start and gone at the end. */
export const ISOLATED_HOME = '/home/trial';

/** The whole environment of an isolated process. Nothing of ours is in it, and nothing that the configuration gives a server. */
export const ISOLATED_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: ISOLATED_HOME,
  LANG: 'C.UTF-8',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  TMPDIR: '/tmp',
};

/** What is started. */
export interface IsolatedProgram {
  /** Absolute, or a name to be found in the system's own folders. */
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute paths of files and folders that it can read besides the system's programs and libraries; it can write none. */
  readonly readable: readonly string[];
}
