import PQueue from 'p-queue';

import type { Server } from '../model/server.js';

export interface WorkLimitOptions {
  /** Servers that are talked to at the same time. */
  readonly concurrency: number;
  /** Of those, the ones that are started as a process of this machine, which costs more. */
  readonly childProcesses: number;
}

/** What is planned or announced goes before the first look at servers whose turn has not come yet. */
export type Order = 'first-look' | 'due';

/** Runs work on servers, so much of it at the same time as the limits say. */
export interface WorkLimits {
  add<Result>(server: Pick<Server, 'connection'>, work: () => Promise<Result>, order?: Order): Promise<Result>;
  /** Resolves when nothing is going on any more. */
  idle(): Promise<void>;
}

/** Returns queues within the limits: slow starts of processes never keep servers waiting that are asked over the network. */
export function createWorkLimits({ concurrency, childProcesses }: WorkLimitOptions): WorkLimits {
  const remote = new PQueue({ concurrency });
  const children = new PQueue({ concurrency: Math.min(concurrency, childProcesses) });
  const queueOf = ({ connection }: Pick<Server, 'connection'>): PQueue =>
    connection.launch === undefined ? remote : children;
  return {
    add: (server, work, order = 'due') => queueOf(server).add(work, { priority: order === 'due' ? 1 : 0 }),
    idle: async () => {
      await Promise.all([remote.onIdle(), children.onIdle()]);
    },
  };
}
