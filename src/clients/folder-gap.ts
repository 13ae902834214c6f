import type { Target } from './client.js';
import { isAbsolute, isOfItsFolder, projectFolder } from './project-folder.js';
import type { ClientEntry } from './read-client-file.js';

/**
 * Returns why a program would be started in another folder by its client than in this one; `undefined` where it would not, or where
 * its client chooses the folder and nothing in its words depends on that.
 *
 * Attack: a project with a `server.mjs` of its own and the same words as a server that was approved in another folder.
 *
 * @param resolve goes from a folder to a path, as this system does.
 */
export function folderGap(
  one: ClientEntry,
  target: Extract<Target, { kind: 'stdio' }>,
  folder: string,
  resolve: (folder: string, path: string) => string,
): string | undefined {
  const project = projectFolder(one);
  const cwd = target.cwd ?? '.';
  if (project === undefined && !isAbsolute(cwd))
    return target.cwd !== undefined || dependsOnFolder([target.command, ...target.args])
      ? 'it is named from a folder that its client chooses'
      : undefined;
  const isHere = !cwd.startsWith('~') && resolve(project ?? '/', cwd) === resolve(folder, '.');
  return isHere ? undefined : `its client starts it in another folder than ${folder}`;
}

function dependsOnFolder(words: readonly string[]): boolean {
  const [command = '', ...args] = words;
  const program = command.replace(/^.*[/\\]/, '').replace(/\.(?:exe|cmd|bat)$/i, '');
  if (isOfItsFolder(words)) return true;
  // A module, a script or a target that is looked for in the folder.
  if (/^(?:python|pypy)[\d.]*$/i.test(program)) return args.some((arg) => /^-[a-zA-Z]*m/.test(arg));
  if (/^(?:uv|poetry|pipenv|pdm|hatch|rye|bundle)$/i.test(program)) return !args.includes('tool');
  if (/^(?:npm|pnpm|yarn|bun|deno|cargo)$/i.test(program)) return !/^(?:exec|x|dlx)$/.test(args[0] ?? '');
  return /^(?:make|just|task|go|dotnet|gradle|mvn)$/i.test(program);
}
