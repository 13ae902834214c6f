import { ISOLATED_HOME, type IsolatedProgram, type IsolationKind, type IsolationLimits } from './isolation.js';
import { limitArguments, programArguments, SYSTEM_FILES, SYSTEM_FOLDERS } from './program-arguments.js';

/** Returns the arguments of `unshare` that start a program where it sees only what it is shown. */
export function namespaceArguments(
  program: IsolatedProgram,
  kind: Exclude<IsolationKind, 'bubblewrap'>,
  limits: IsolationLimits,
): readonly string[] {
  const paths = [...SYSTEM_FOLDERS, ...SYSTEM_FILES, ...program.readable];
  return [
    ...(kind === 'user-namespaces' ? ['--user', '--map-root-user'] : []),
    ...['--mount', '--net', '--ipc', '--uts', '--pid', '--fork', '--kill-child', '--propagation', 'private', '--'],
    ...['sh', '-euc', MAKE_ROOT, 'sh', ISOLATED_HOME, String(paths.length), ...paths],
    ...limitArguments(limits),
    ...['setpriv', ...(kind === 'other-user' ? NOBODY : []), ...POWERLESS, '--'],
    ...programArguments(program),
  ];
}

/** Another user: what belongs to ours, or to root, is not its own. */
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

/** With no capability it can undo no mount; with no new privileges no program gives it any. */
const POWERLESS = ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];

/**
 * Makes a root of its own in memory, with the paths it is given (read-only) and nothing else, and runs the rest of its arguments
 * in it. It is made on `/sys`, because nothing that is shown lies there. What is mounted below a path is not shown with it: only the
 * topmost mount is made read-only (the kernel refuses such a path to a user namespace). Any failure ends it before the program is started.
 */
const MAKE_ROOT = `
home=$1; count=$2; shift 2
umask 022
mount -t tmpfs -o mode=755,size=16m,nosuid,nodev isolated /sys
mkdir -p /sys/proc /sys/dev /sys/tmp /sys/old "/sys$home"
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev isolated /sys/tmp
mount -t tmpfs -o mode=1777,size=64m,nosuid,nodev isolated "/sys$home"
while [ "$count" -gt 0 ]; do
  path=$1; shift; count=$((count - 1))
  mkdir -p "/sys\${path%/*}"
  if [ -L "$path" ]; then ln -s "$(readlink "$path")" "/sys$path"; continue; fi
  [ -e "$path" ] || continue
  if [ -d "$path" ]; then mkdir -p "/sys$path"; else : > "/sys$path"; fi
  mount --bind "$path" "/sys$path"
  mount -o remount,bind,ro,nosuid,nodev "/sys$path"
done
for device in null zero full random urandom; do
  : > "/sys/dev/$device"
  mount --bind "/dev/$device" "/sys/dev/$device"
done
mount -t proc -o nosuid,nodev,noexec proc /sys/proc
cd /sys
pivot_root . old
umount -l /old
rmdir /old
mount -o remount,ro,nosuid,nodev /
cd "$home"
exec "$@"
`;
