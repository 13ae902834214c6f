import { type ErrorCode, SealwatchError } from '../errors.js';

/** A place in the file: the keys that lead to it. */
export type Path = readonly (string | number)[];

/** One mistake in a configuration. */
export interface Problem {
  readonly code: ErrorCode;
  readonly path: Path;
  readonly message: string;
  /** Points at the key instead of its value. */
  readonly at?: 'key';
  /** Where it is, when the path cannot say it. */
  readonly position?: Position;
}

/** Line and column, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Collects every mistake, so that a person mends a file once and not once for each. */
export interface Problems {
  add(problem: Problem): void;
  /** Returns the result, and notes what goes wrong in it as a mistake at this place. */
  attempt<Result>(path: Path, action: () => Result): Result | undefined;
  readonly count: () => number;
  /** @throws {SealwatchError} with all of them, one a line, in the order of the file; the code of the first. */
  throwIfAny(): void;
}

/** Returns an empty collection for one file. `locate` finds the line of a path. */
export function createProblems(file: string, locate: (problem: Problem) => Position): Problems {
  const found: Problem[] = [];
  return {
    add: (problem) => void found.push(problem),
    attempt: (path, action) => {
      try {
        return action();
      } catch (error) {
        if (!(error instanceof SealwatchError)) throw error;
        found.push({ code: error.code, path, message: error.message });
        return undefined;
      }
    },
    count: () => found.length,
    throwIfAny: () => {
      const placed = told(found)
        .map((problem) => ({ ...problem, position: locate(problem) }))
        .sort(byPosition);
      const [first] = placed;
      if (first === undefined) return;
      const lines = placed.map((problem) => describe(file, problem));
      throw new SealwatchError(first.code, [...new Set(lines)].join('\n'));
    },
  };
}

/** Returns the keys as people write them: `servers.github.args[1]`. */
function pathText(path: Path): string {
  return path
    .map((key) =>
      typeof key === 'number' ? `[${key}]` : /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
    )
    .join('')
    .replace(/^\./, '');
}

type Placed = Problem & { readonly position: Position };

function byPosition(a: Placed, b: Placed): number {
  return a.position.line - b.position.line || a.position.column - b.position.column;
}

function describe(file: string, { position, path, message }: Placed): string {
  const place = path.length === 0 ? '' : ` ${pathText(path)}:`;
  return `${file}:${position.line}:${position.column}:${place} ${message}`;
}

/** What is wrong with the value of a variable that is not set goes without saying. */
function told(found: readonly Problem[]): readonly Problem[] {
  const unset = new Set(
    found.filter(({ code }) => code === 'CONFIG_VARIABLE_MISSING').map(({ path }) => pathText(path)),
  );
  return found.filter((problem) => problem.code === 'CONFIG_VARIABLE_MISSING' || !unset.has(pathText(problem.path)));
}
