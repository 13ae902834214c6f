import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { ErrorCode } from '../errors.js';
import type { CheckedOutput } from '../model/checked-output.js';
import type { JsonValue } from '../model/json.js';
import type { RuleSettings } from '../model/rule-settings.js';
import type { OutputChecker } from '../ports.js';
import { checkOutput, unchecked } from '../scan/check-output.js';
import type { RulePack } from '../scan/rule-pack.js';
import { PACKAGE_ROOT } from './package-root.js';

/** An output checker that has to be closed. */
export interface ClosableOutputChecker extends OutputChecker {
  close(): Promise<void>;
}

export interface ToOutputWorker {
  readonly job: number;
  readonly result: JsonValue;
}

export type FromOutputWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'checked'; readonly job: number; readonly checked: CheckedOutput };

/** Up to so many UTF-16 code units are read at once, in about a millisecond: handing them to a thread takes as long. */
const SMALL = 2_048;

/** A megabyte of prose takes one second, of hostile text a few. */
const CHECK_MS = 10_000;

/**
 * Returns what checks results of tools: small ones at once, others in a thread of its own with a deadline, so that what one server
 * returns holds up nobody else. What could not be read in time is handed back as it is, with a finding that says so.
 */
export function createOutputChecker(pack: RulePack, settings: RuleSettings): ClosableOutputChecker {
  let worker: Worker | undefined;
  let jobs = 0;
  const waiting = new Map<number, (checked: CheckedOutput | undefined) => void>();
  const start = (): Worker => {
    const started = new Worker(join(PACKAGE_ROOT, 'dist', 'cli', 'output-worker.js'), { workerData: settings });
    started.unref();
    started.on('message', (message: FromOutputWorker) => {
      if (message.kind === 'checked') waiting.get(message.job)?.(message.checked);
      if (message.kind === 'failed') end();
    });
    started.on('error', end).on('exit', end);
    return started;
  };
  /** Whoever waits hears that nobody can tell; the next result starts another thread. */
  const end = (): void => {
    const ended = worker;
    worker = undefined;
    for (const resolve of waiting.values()) resolve(undefined);
    void ended?.terminate();
  };
  const inThread = async (result: JsonValue): Promise<CheckedOutput> => {
    worker ??= start();
    const job = ++jobs;
    const timer = setTimeout(end, CHECK_MS);
    worker.postMessage({ job, result } satisfies ToOutputWorker);
    const checked = await new Promise<CheckedOutput | undefined>((resolve) => waiting.set(job, resolve));
    waiting.delete(job);
    clearTimeout(timer);
    return checked ?? unchecked(result);
  };
  return {
    check: async (result, length) => (length <= SMALL ? checkOutput(result, { pack }) : await inThread(result)),
    close: async () => {
      const ended = worker;
      worker = undefined;
      for (const resolve of waiting.values()) resolve(undefined);
      await ended?.terminate();
    },
  };
}
