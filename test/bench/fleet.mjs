// What it costs to watch 500 HTTP servers on a schedule of one minute: how late runs begin, processor time, memory, database.
// Half of the servers announce changes, so a connection to each of them stays open; the others are connected to every minute.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { noTelemetry } from '../../dist/monitor/no-telemetry.js';
import { runSchedule } from '../../dist/monitor/scheduler.js';
import { startServers } from './many-servers.mjs';
import { createWorld } from './world.mjs';

const SERVERS = 500;
const MINUTES = Number(process.env.BENCH_MINUTES ?? 3);
/** The requirement: no run begins later than this. */
const MAX_LATENESS_MS = 10_000;

export async function run() {
  const world = await createWorld();
  const fleet = await startServers(SERVERS, 2);
  const servers = Array.from({ length: SERVERS }, (_, id) => ({
    ...world.server,
    id: `server-${id}`,
    connection: { kind: 'http', url: fleet.urlOf(id), headers: {}, transport: 'auto', launch: undefined },
    provenance: { type: 'http', url: fleet.urlOf(id) },
    firstUse: 'trust',
  }));
  const lateness = [];
  const outcomes = {};
  const telemetry = {
    ...noTelemetry,
    began: ({ lateMs }) => lateness.push(lateMs),
    inspected: ({ outcome }) => (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1),
  };
  const stop = new AbortController();
  const started = performance.now();
  let readyMs;
  let atReady;
  let firstCpu;
  const cpuBefore = process.cpuUsage();
  const onReady = () => {
    readyMs = performance.now() - started;
    firstCpu = cpuSeconds(process.cpuUsage(cpuBefore));
    atReady = { cpu: process.cpuUsage(), fleet: fleet.cpuSeconds(), at: performance.now() };
    setTimeout(() => stop.abort(), MINUTES * 60_000);
  };
  const options = { concurrency: 16, childProcesses: 4, hooks: { onInspection: () => undefined, onReady } };
  let peakRss = 0;
  const watchMemory = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 1_000);
  const done = runSchedule(servers, { ...world.deps, telemetry }, options, stop.signal);
  await done;
  clearInterval(watchMemory);
  const seconds = (performance.now() - atReady.at) / 1000;
  const cpu = cpuSeconds(process.cpuUsage(atReady.cpu));
  const size = readdirSync(world.stateDir).reduce((sum, name) => sum + statSync(join(world.stateDir, name)).size, 0);
  await world.deps.store.checkWritable();
  const rss = process.memoryUsage.rss();
  const serversCpu = fleet.cpuSeconds() - atReady.fleet;
  await fleet.close();
  await world.close();
  lateness.sort((a, b) => a - b);
  console.log(`${SERVERS} HTTP servers of 8 tools, every minute, for ${MINUTES} minutes; half announce changes`);
  row(
    'first round: listed, evaluated, recorded',
    `${(readyMs / 1000).toFixed(1)} s, of it ${firstCpu.toFixed(1)} s processor time`,
  );
  row('planned runs', String(lateness.length));
  row('runs by outcome', JSON.stringify(outcomes));
  row('began late: median, p99, max', [0.5, 0.99, 1].map((part) => milliseconds(lateness, part)).join(', '));
  row('processor time of one core, ours', `${cpu.toFixed(1)} s of ${seconds.toFixed(0)} s (${percent(cpu / seconds)})`);
  row('processor time of one core, the servers', `${serversCpu.toFixed(1)} s`);
  row('memory (RSS) at the end, peak', `${megabytes(rss)}, ${megabytes(peakRss)}`);
  row('store with write-ahead log', megabytes(size));
  if (lateness.length < SERVERS * (MINUTES - 1)) throw new Error(`only ${lateness.length} planned runs`);
  if (lateness.at(-1) > MAX_LATENESS_MS) throw new Error(`a run began ${lateness.at(-1)} ms late`);
  if (outcomes.unchecked !== undefined) throw new Error(`${outcomes.unchecked} runs could not check an honest server`);
}

function row(name, value) {
  console.log(`  ${name.padEnd(42)} ${value}`);
}

function cpuSeconds({ user, system }) {
  return (user + system) / 1e6;
}

function milliseconds(sorted, part) {
  return `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))])} ms`;
}

function percent(part) {
  return `${(part * 100).toFixed(0)} %`;
}

function megabytes(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
