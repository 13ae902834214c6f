import { spawn } from 'node:child_process';

/** Runs a command to its end, and returns its exit code and what it printed. It is stopped after ten minutes, which is an error. */
export function command(program, args, { cwd, env = {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 600_000,
    });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'])
      child[name].setEncoding('utf8').on('data', (text) => (texts[name] += text));
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode: exitCode ?? signal, ...texts });
    });
  });
}

/** The same for a command that has to end well. */
export async function mustRun(program, args, options) {
  const result = await command(program, args, options);
  if (result.exitCode === 0) return result;
  const said = `${result.stdout}${result.stderr}`.slice(-4_000);
  throw new Error(`${[program, ...args].join(' ')}: exit ${String(result.exitCode)}\n${said}`);
}
