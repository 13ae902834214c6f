#!/usr/bin/env node
/** What still keeps the process alive so long after a command has finished is a leak, and must not hang a script. */
const LINGER_MS = 3_000;

// Imported here, so that a broken installation (a native module that was not built) is "could not check", not exit code 1.
try {
  const { keepMemoryPrivate } = await import('./cli/keep-memory-private.js');
  keepMemoryPrivate(process);
  const { run } = await import('./cli/run.js');
  process.exitCode = await run(process);
} catch (error) {
  process.stderr.write(`error INTERNAL: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
setTimeout(() => process.exit(), LINGER_MS).unref();
