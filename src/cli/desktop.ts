import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Something that a person is told on the desktop: in our own words and with ids, never in those of a server. */
export interface DesktopNote {
  readonly title: string;
  readonly body: string;
  readonly isUrgent: boolean;
}

/** Tells a person at a desktop that something needs them. */
export interface Desktop {
  tell(note: DesktopNote): void;
  close(): void;
}

/** More notes within this time are told as one, so that a storm of events is no storm on the screen. */
const GAP_MS = 10_000;

/** A notification daemon that does not answer keeps its program waiting. */
const PATIENCE_MS = 5_000;

/** Returns the desktop of this machine; `undefined` where there is no program that shows notifications. */
export function findDesktop(
  platform: string,
  env: Readonly<Record<string, string | undefined>>,
  gapMs: number = GAP_MS,
): Desktop | undefined {
  const system = SYSTEMS[platform];
  const program = system === undefined ? undefined : findProgram(system.program, env['PATH'] ?? '');
  if (system === undefined || program === undefined) return undefined;
  let timer: NodeJS.Timeout | undefined;
  let waiting: DesktopNote[] = [];
  const show = (note: DesktopNote): void => {
    start(program, system.argumentsFor(note));
    timer = setTimeout(() => {
      timer = undefined;
      const [first, ...more] = waiting;
      waiting = [];
      if (first !== undefined) show(more.length === 0 ? first : together([first, ...more]));
    }, gapMs);
    timer.unref();
  };
  return {
    tell: (note) => {
      if (timer === undefined) show(note);
      else waiting.push(note);
    },
    close: () => {
      clearTimeout(timer);
      waiting = [];
    },
  };
}

interface System {
  readonly program: string;
  readonly argumentsFor: (note: DesktopNote) => readonly string[];
}

const SYSTEMS: Readonly<Partial<Record<string, System>>> = {
  linux: {
    program: 'notify-send',
    argumentsFor: ({ title, body, isUrgent }) => [
      '--app-name=Sealwatch',
      `--urgency=${isUrgent ? 'critical' : 'normal'}`,
      '--',
      title,
      body,
    ],
  },
  darwin: {
    program: 'osascript',
    argumentsFor: ({ title, body }) => [
      '-e',
      'on run argv',
      '-e',
      'display notification (item 2 of argv) with title (item 1 of argv)',
      '-e',
      'end run',
      title,
      body,
    ],
  },
};

function together(notes: readonly DesktopNote[]): DesktopNote {
  const isUrgent = notes.some((note) => note.isUrgent);
  return { title: 'Sealwatch', body: `${notes.length} more events; look at sealwatch watch`, isUrgent };
}

/** Attack: a relative folder on the search path holds what a project brings along. */
function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, or not ours to start: then it is none.
    return false;
  }
}

function start(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'ignore', timeout: PATIENCE_MS, shell: false });
  // Everything is on the screen of the terminal too: that a desktop does not show it loses nothing.
  child.on('error', () => undefined);
  child.unref();
}
