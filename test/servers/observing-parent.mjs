// Observes a server that never answers, with the built program, and waits to be killed: the child must go with it.
//
//   node observing-parent.mjs MARK
import { createObserver } from '../../dist/mcp/observer.js';
import { DEFAULT_LIMITS } from '../../dist/model/limits.js';

const observer = createObserver({
  clock: { now: () => new Date(), monotonicMs: () => performance.now() },
  clientVersion: '0.0.0',
});
const launch = {
  command: '/bin/sh',
  // A child of the child, in the same group, that ignores what it can.
  args: [
    '-c',
    `trap "" TERM HUP; sleep 300 & echo started >&2; exec node -e "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)" "$0"`,
    process.argv[2],
  ],
  env: {},
  cwd: '/',
};
setTimeout(() => process.stdout.write('ready\n'), 700);
await observer.observe(
  { id: 'parent', connection: { kind: 'stdio', launch }, provenance: {}, limits: DEFAULT_LIMITS },
  new AbortController().signal,
);
