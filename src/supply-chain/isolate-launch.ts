import { dirname, isAbsolute, normalize } from 'node:path';

import type { Launch } from '../model/server.js';
import { quote } from '../quote.js';
import { bubblewrapArguments } from './bubblewrap-arguments.js';
import type { IsolatedProgram, Isolation, IsolationLimits } from './isolation.js';
import { namespaceArguments } from './namespace-arguments.js';

/** How a program is started apart from this machine, or why that cannot be. */
export type IsolatedLaunch =
  | { readonly kind: 'isolated'; readonly launch: Launch }
  | { readonly kind: 'unknown'; readonly why: string };

/** What is asked for. `home` is the home of our own user, which nothing that is readable may hold. */
export interface IsolationRequest {
  readonly isolation: Isolation;
  readonly limits: IsolationLimits;
  readonly home: string;
}

/** Returns the command that starts a program in isolation: no network, an empty home, an environment of its own, and limits. */
export function isolateLaunch(program: IsolatedProgram, { isolation, limits, home }: IsolationRequest): IsolatedLaunch {
  const refused = program.readable.find((path) => !mayBeShown(path, home));
  if (refused !== undefined)
    return { kind: 'unknown', why: `showing ${quote(refused, 160)} to it would show this machine` };
  const args = argumentsFor(program, isolation, limits);
  return { kind: 'isolated', launch: { command: isolation.program, args, env: {}, cwd: '/' } };
}

function argumentsFor(program: IsolatedProgram, { kind }: Isolation, limits: IsolationLimits): readonly string[] {
  switch (kind) {
    case 'bubblewrap':
      return bubblewrapArguments(program, limits);
    case 'other-user':
    case 'user-namespaces':
      return namespaceArguments(program, kind, limits);
  }
}

/** Attack: a server whose folder is said to be `/` or the user's home would be shown every key that lies there. */
function mayBeShown(path: string, home: string): boolean {
  if (!isAbsolute(path) || normalize(path) !== path) return false;
  return (
    !foldersAbove(home).includes(path) && !HIDDEN.some((hidden) => path === hidden || path.startsWith(`${hidden}/`))
  );
}

/** The folder itself is one of them. */
function foldersAbove(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...foldersAbove(parent)];
}

/** Sockets of services, devices and the kernel: who can talk to those is not isolated. */
const HIDDEN = ['/dev', '/proc', '/run', '/sys', '/var/run'];
