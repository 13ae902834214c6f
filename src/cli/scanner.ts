import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { type ErrorCode, messageOf, SealwatchError } from '../errors.js';
import type { Definition } from '../model/definition.js';
import type { Finding } from '../model/finding.js';
import type { Neighbour } from '../model/neighbour.js';
import type { RuleSettings } from '../model/rule-settings.js';
import type { Snapshot } from '../model/snapshot.js';
import type { Scanner } from '../ports.js';
import type { RulePack } from '../scan/rule-pack.js';
import { unscanned } from '../scan/scan-definition.js';
import { scanSnapshot } from '../scan/scan-snapshot.js';
import { PACKAGE_ROOT } from './package-root.js';

/** A scanner that has to be closed. */
export interface ClosableScanner extends Scanner {
  close(): Promise<void>;
}

/** What is sent to the worker: a job, from one definition on. */
export interface ToWorker {
  readonly job: number;
  readonly snapshot: Snapshot;
  readonly neighbours: readonly Neighbour[];
  readonly from: number;
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'scanned'; readonly job: number; readonly index: number; readonly findings: readonly Finding[] }
  | { readonly kind: 'done'; readonly job: number };

/** A definition takes well under a millisecond; the longest hostile one that is scanned at all, two or three seconds. */
const DEFINITION_MS = 10_000;

/** All of a server's definitions together. */
const SNAPSHOT_MS = 60_000;

/**
 * Up to so many UTF-16 code units are scanned at once, where a command waits: hostile text takes some 10 ms for a thousand, a worker
 * takes 300 ms to start.
 */
export const SMALL = 32 * 1024;

/**
 * Returns a scanner that works in a thread of its own, with a deadline: server text is hostile, and must neither stop the program nor hide
 * what stands beside it. A definition that takes too long, or at which the thread breaks, is not scanned, and says so; the next ones are.
 *
 * The thread starts with the first job that is not small, and keeps no process alive that has nothing else to do.
 */
export function createScanner(options: {
  readonly pack: RulePack;
  readonly settings: RuleSettings;
  /** Snapshots up to this length are scanned in this thread. */
  readonly small: number;
  readonly definitionMs?: number;
  readonly snapshotMs?: number;
}): ClosableScanner {
  const { pack, small, definitionMs = DEFINITION_MS, snapshotMs = SNAPSHOT_MS } = options;
  const thread = createThread(options.settings);
  let last: Promise<unknown> = Promise.resolve();
  return {
    digest: pack.digest,
    scan: async (snapshot, neighbours) => {
      if (lengthOf(snapshot) <= small) return scanSnapshot(snapshot, neighbours, pack);
      // One after the other: two cores are better used by others.
      const turn = last.then(() => scanWithDeadline(thread, snapshot, neighbours, { definitionMs, snapshotMs }));
      last = turn.catch(() => undefined);
      return turn;
    },
    close: () => thread.stop(),
  };
}

function lengthOf({ definitions }: Snapshot): number {
  return definitions.reduce((sum, { content }) => sum + content.length, 0);
}

async function scanWithDeadline(
  thread: Thread,
  snapshot: Snapshot,
  neighbours: readonly Neighbour[],
  { definitionMs, snapshotMs }: { readonly definitionMs: number; readonly snapshotMs: number },
): Promise<readonly Finding[]> {
  const { definitions } = snapshot;
  const found: (readonly Finding[])[] = [];
  const end = performance.now() + snapshotMs;
  while (found.length < definitions.length && performance.now() < end) {
    const limits = { definitionMs, end };
    await thread.run({ snapshot, neighbours, from: found.length }, limits, (findings) => found.push(findings));
    // It ended early: at the one whose turn it was.
    const stuck = definitions[found.length];
    if (stuck !== undefined) found.push(unscanned(stuck));
  }
  return [...found.flat(), ...definitions.slice(found.length).flatMap((one: Definition) => unscanned(one))];
}

interface RunLimits {
  /** For one definition. */
  readonly definitionMs: number;
  /** When the whole has to be over, by `performance.now()`. */
  readonly end: number;
}

interface Thread {
  /**
   * Scans definitions until all are done, one takes longer than it may, or the thread breaks; then the thread is ended, and the next run
   * starts another.
   *
   * @throws {SealwatchError} `RULE_INVALID` where the rules could not be read
   */
  run(
    work: Omit<ToWorker, 'job'>,
    limits: RunLimits,
    onFindings: (findings: readonly Finding[]) => void,
  ): Promise<void>;
  stop(): Promise<void>;
}

/** Reading the rules takes a fraction of it. */
const START_MS = 60_000;

function createThread(settings: RuleSettings): Thread {
  let worker: Worker | undefined;
  let jobs = 0;
  const stop = async (): Promise<void> => {
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  };
  return {
    run: async (work, definitionMs, onFindings) => {
      worker ??= await startWorker(settings);
      jobs += 1;
      const isDone = await runJob(worker, { ...work, job: jobs }, definitionMs, onFindings);
      if (!isDone) await stop();
    },
    stop,
  };
}

async function startWorker(settings: RuleSettings): Promise<Worker> {
  // The same from src/ and from dist/: a thread runs JavaScript.
  const worker = new Worker(join(PACKAGE_ROOT, 'dist', 'cli', 'scan-worker.js'), { workerData: settings });
  const answer = await firstMessage(worker);
  if (answer.kind !== 'failed') return worker;
  await worker.terminate();
  throw new SealwatchError(answer.code, answer.message);
}

async function firstMessage(worker: Worker): Promise<FromWorker> {
  const listening = new AbortController();
  const { signal } = listening;
  const timeout = setTimeout(() => {
    listening.abort(new Error(`the thread that scans did not start in ${START_MS} ms`));
  }, START_MS);
  try {
    // Rejects also with what the thread broke at.
    const [message] = (await once(worker, 'message', { signal })) as [FromWorker];
    return message;
  } catch (error) {
    return { kind: 'failed', code: 'RULE_INVALID', message: messageOf(signal.aborted ? signal.reason : error) };
  } finally {
    clearTimeout(timeout);
  }
}

/** Returns whether the job was done to its end. The process waits for the thread meanwhile, and not otherwise. */
async function runJob(
  worker: Worker,
  work: ToWorker,
  { definitionMs, end: last }: RunLimits,
  onFindings: (findings: readonly Finding[]) => void,
): Promise<boolean> {
  worker.ref();
  return await new Promise<boolean>((resolve) => {
    const end = (isDone: boolean): void => {
      clearTimeout(timer);
      worker.off('message', take).off('error', fail).off('exit', fail);
      worker.unref();
      resolve(isDone);
    };
    const fail = (): void => {
      end(false);
    };
    const take = (message: FromWorker): void => {
      clearTimeout(timer);
      if (message.kind !== 'scanned' || message.job !== work.job) {
        end(message.kind === 'done');
        return;
      }
      onFindings(message.findings);
      timer = setTimeout(fail, waitMs());
    };
    const waitMs = (): number => Math.max(0, Math.min(definitionMs, last - performance.now()));
    let timer = setTimeout(fail, waitMs());
    worker.on('message', take).on('error', fail).on('exit', fail);
    worker.postMessage(work);
  });
}
