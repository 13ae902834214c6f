// Starts test/servers/many-servers.mjs as a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const FILE = join(import.meta.dirname, '..', 'servers', 'many-servers.mjs');

/** Returns where `count` servers are reached; every `every`th announces changes. */
export async function startServers(count, every) {
  const child = spawn(process.execPath, [FILE, String(count), String(every)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const base = `http://127.0.0.1:${JSON.parse(line).port}`;
  return {
    urlOf: (id) => `${base}/mcp/${id}`,
    /** Changes a server. Returns when it announced that. */
    change: async (id) => (await fetch(`${base}/change/${id}`, { method: 'POST' })).json(),
    cpuSeconds: () => cpuSecondsOf(child.pid),
    close: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

/** Linux counts processor time in hundredths of a second; elsewhere it is not known. */
function cpuSecondsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}
