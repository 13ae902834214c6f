/** Another screen than that of the shell, which comes back as it was. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[H';
const LEAVE = '\u001b[?25h\u001b[?1049l';

/** Runs an action with a screen of its own, on which a line stands at first, and gives the terminal back whatever happens. */
export async function withScreen<Result>(
  stdout: Pick<NodeJS.WriteStream, 'write'>,
  line: string,
  action: () => Promise<Result>,
): Promise<Result> {
  stdout.write(`${ENTER}${line}`);
  try {
    return await action();
  } finally {
    stdout.write(LEAVE);
  }
}
