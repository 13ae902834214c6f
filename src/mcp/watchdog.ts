import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/**
 * Ends process groups when this process ends in any way, SIGKILL included: a small shell holds a pipe from us, knows the
 * groups that are alive, and kills them when the pipe closes. One shell serves all children; it starts with the first.
 *
 * Out of reach is a process that left its group (`setsid`, a double fork): only a cgroup would hold it. On Windows there
 * is no shell to do this, and children end with their pipes, if they care.
 */
export function guard(group: number): void {
  groups.add(group);
  if (process.platform === 'win32') return;
  if (shell === undefined) startShell();
  else tell(`add ${group}`);
}

/** The group has ended: its number may soon be another's. */
export function unguard(group: number): void {
  groups.delete(group);
  tell(`remove ${group}`);
}

const groups = new Set<number>();
let shell: ChildProcess | undefined;

const SCRIPT = `
groups=""
while read -r verb group; do
  case "$verb" in
    add) groups="$groups $group" ;;
    remove)
      kept=""
      for one in $groups; do [ "$one" = "$group" ] || kept="$kept $one"; done
      groups="$kept"
      ;;
  esac
done
for one in $groups; do kill -9 "-$one" 2>/dev/null; done
`;

function startShell(): void {
  // A session of its own: Ctrl-C in the terminal, or a kill of our group, must not end the watchdog before us.
  const started = spawn('/bin/sh', ['-c', SCRIPT], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
    cwd: '/',
  });
  shell = started;
  const forget = (): void => {
    if (shell === started) shell = undefined;
  };
  // Where there is no shell, or somebody killed it, the next child starts a new one that learns of all groups.
  started.on('error', forget);
  started.on('exit', forget);
  started.stdin.on('error', forget);
  started.unref();
  unrefPipe(started.stdin);
  for (const group of groups) tell(`add ${group}`);
}

function tell(line: string): void {
  const stdin = shell?.stdin;
  if (stdin?.writable === true) stdin.write(`${line}\n`);
}

/** A pipe to the watchdog must not keep us alive: it is there for when we are not. */
function unrefPipe(pipe: Writable): void {
  if (pipe instanceof Socket) pipe.unref();
}
