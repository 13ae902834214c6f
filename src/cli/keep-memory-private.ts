import { writeFileSync } from 'node:fs';

/** What is needed of the process. */
interface Reporting {
  readonly platform: NodeJS.Platform;
  readonly report: Pick<NodeJS.ProcessReport, 'reportOnFatalError' | 'reportOnSignal' | 'reportOnUncaughtException'>;
}

/**
 * Keeps what is in memory, tokens among it, out of files: Node writes no diagnostic report, whatever its options say, and on Linux a
 * core dump holds none of our memory, nor of the servers that we start.
 *
 * It is the filter of core(5) and not the limit on the size, which a process of Node cannot set, and which does not hold where dumps
 * are piped to a handler.
 */
export function keepMemoryPrivate({ platform, report }: Reporting): void {
  report.reportOnFatalError = false;
  report.reportOnSignal = false;
  report.reportOnUncaughtException = false;
  if (platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // A kernel without core dumps, or a container without /proc: whoever runs us there was told to switch them off (SECURITY.md).
  }
}
