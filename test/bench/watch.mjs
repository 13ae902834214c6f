// How soon `sealwatch watch` shows something, and what it costs while nothing happens, with twenty servers that are processes of their own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SERVERS = 20;
const IDLE_MS = 30_000;
const STARTS = 5;
const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const FILE_SERVER = join(import.meta.dirname, '..', 'servers', 'file-server.mjs');

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-bench-'));
  try {
    configure(folder);
    const starts = [];
    for (let round = 0; round < STARTS; round += 1) starts.push(await timeStart(folder));
    const idle = await measureIdle(folder);
    console.log(`watch at a terminal, ${SERVERS} servers over stdio, median of ${STARTS} starts`);
    row('from start to something on the screen', median(starts.map(({ screenMs }) => screenMs)), 'ms');
    row('from start to the table of servers', median(starts.map(({ tableMs }) => tableMs)), 'ms');
    row('node itself, from start to end', median(Array.from({ length: STARTS }, timeNode)), 'ms');
    row(`processor while nothing happens, over ${IDLE_MS / 1000} s`, idle.percent, '% of a core');
    row('memory then', idle.rssMb, 'MB');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function configure(folder) {
  const tool = { name: 'get', description: 'Returns a record.', inputSchema: { type: 'object' } };
  writeFileSync(join(folder, 'tools.json'), JSON.stringify([tool]));
  const entry = { command: process.execPath, args: [FILE_SERVER, 'tools.json'] };
  const servers = Object.fromEntries(Array.from({ length: SERVERS }, (_, index) => [`server-${index}`, entry]));
  writeFileSync(join(folder, 'sealwatch.yaml'), JSON.stringify({ servers }));
  execFileSync(process.execPath, [MAIN, 'init'], { cwd: folder });
}

/** Starts it in a terminal of its own (util-linux's script), since it draws nothing elsewhere. */
function startWatch(folder) {
  const startedAt = performance.now();
  const child = spawn('script', ['-qfc', `${process.execPath} ${MAIN} watch --no-notify`, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, TERM: 'xterm', HOME: folder },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk.toString()));
  const until = async (isThere) => {
    while (!isThere(output)) {
      if (performance.now() - startedAt > 120_000)
        throw new Error(`waited in vain for the screen: ${output.slice(-500)}`);
      await sleep(2);
    }
    return performance.now() - startedAt;
  };
  const end = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.write('q');
    await ended;
  };
  return { pid: child.pid, until, end };
}

async function timeStart(folder) {
  const { until, end } = startWatch(folder);
  const screenMs = await until((output) => output.includes('Sealwatch'));
  const tableMs = await until((output) => output.includes('server-0'));
  await end();
  return { screenMs, tableMs };
}

async function measureIdle(folder) {
  const { pid, until, end } = startWatch(folder);
  await until((output) => output.includes('server-0'));
  // Every server was looked at and nothing is drawn any more.
  await sleep(20_000);
  const watch = childOf(pid);
  const before = cpuMs(watch);
  const startedAt = performance.now();
  await sleep(IDLE_MS);
  const percent = (100 * (cpuMs(watch) - before)) / (performance.now() - startedAt);
  const rssMb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${watch}/status`, 'utf8'))?.[1]) / 1024;
  await end();
  return { percent, rssMb };
}

function timeNode() {
  const startedAt = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return performance.now() - startedAt;
}

/** The one that `script` runs, behind a shell or not. */
function childOf(pid) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const fields = statOf(name);
      return fields === undefined ? [] : [{ pid: name, parent: fields[1], command: commandOf(name) }];
    });
  let found = String(pid);
  for (;;) {
    const next = parents.find(({ parent }) => parent === found);
    if (next === undefined) throw new Error('watch is not among the processes');
    found = next.pid;
    if (next.command.startsWith(process.execPath)) return found;
  }
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** Fields of /proc/PID/stat from the third on. */
function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return undefined;
  }
}

/** Linux counts in hundredths of a second. */
function cpuMs(pid) {
  const fields = statOf(pid);
  return fields === undefined ? Number.NaN : (Number(fields[11]) + Number(fields[12])) * 10;
}

function row(name, value, unit) {
  console.log(`  ${name.padEnd(50)} ${value.toFixed(2).padStart(9)} ${unit}`);
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
