import { ISOLATED_HOME, type IsolatedProgram, type IsolationLimits } from './isolation.js';
import { limitArguments, programArguments, SYSTEM_FILES, SYSTEM_FOLDERS } from './program-arguments.js';

/** Returns the arguments of `bwrap` that start a program where it sees only what it is shown. */
export function bubblewrapArguments(program: IsolatedProgram, limits: IsolationLimits): readonly string[] {
  const system = [...SYSTEM_FOLDERS, ...SYSTEM_FILES].flatMap((path) => ['--ro-bind-try', path, path]);
  const shown = program.readable.flatMap((path) => ['--ro-bind', path, path]);
  return [
    '--unshare-all',
    // A terminal takes characters as if they were typed (TIOCSTI): it gets none.
    '--new-session',
    '--die-with-parent',
    '--clearenv',
    ...['--cap-drop', 'ALL', '--uid', '65534', '--gid', '65534'],
    ...system,
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', ISOLATED_HOME],
    ...shown,
    ...['--remount-ro', '/', '--chdir', ISOLATED_HOME],
    '--',
    ...limitArguments(limits),
    ...programArguments(program),
  ];
}
