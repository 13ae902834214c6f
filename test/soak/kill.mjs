// A process records inspections and settles requests in a loop; it is ended at a random moment, again and again. Afterwards the
// store has to be whole, the log intact, and the baseline what was last approved: both tools of one approval, never one alone,
// never a version that was only recorded, and nothing lost that was acknowledged.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';

import { createStore, openStore } from '../../dist/store/open-store.js';

const SERVER = 'pair';
const VANTAGE = 'default';
const options = {
  clock: { now: () => new Date(), monotonicMs: () => performance.now() },
  random: { bytes: (count) => randomBytes(count) },
};

/** A new store now and then, so that verifying the whole log stays quick. */
const ROUNDS_PER_STORE = 50;

/** Every tenth round ends with SIGTERM, which a process answers by closing the store. */
const ROUNDS_PER_SIGTERM = 10;

/** Long enough for several transactions after the first. */
const MAX_DELAY_MS = 40;

export async function run({ rounds }) {
  const counts = { settled: 0, kills: 0 };
  for (let done = 0; done < rounds; done += ROUNDS_PER_STORE) {
    const folder = mkdtempSync(join(tmpdir(), 'sealwatch-kill-'));
    const stateDir = join(folder, 'state');
    await createStore(stateDir, options);
    let acknowledged = 0;
    for (let round = done; round < Math.min(rounds, done + ROUNDS_PER_STORE); round++) {
      const signal = round % ROUNDS_PER_SIGTERM === 9 ? 'SIGTERM' : 'SIGKILL';
      const last = await endAtRandom(stateDir, signal);
      acknowledged = Math.max(acknowledged, last);
      acknowledged = await check(stateDir, acknowledged, round);
      counts.kills++;
    }
    counts.settled += acknowledged / 2;
    rmSync(folder, { recursive: true });
    if (rounds > ROUNDS_PER_STORE) console.log(`  ${Math.min(rounds, done + ROUNDS_PER_STORE)} of ${rounds} rounds`);
  }
  return counts;
}

/** Returns the last number whose approval the process reported before it was ended. */
async function endAtRandom(stateDir, signal) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'child', stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const exited = new Promise((resolve) => child.once('close', (code, by) => resolve({ code, by })));
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), exited]);
  await sleep(Math.random() * MAX_DELAY_MS);
  child.kill(signal);
  const { code, by } = await exited;
  if (signal === 'SIGKILL' ? by !== 'SIGKILL' : code !== 0)
    throw new Error(`the process ended by itself: ${code} ${by}`);
  return Number(text.split('\n').at(-2) ?? 0);
}

/** Returns the number that the baseline stands at. */
async function check(stateDir, acknowledged, round) {
  const store = await openStore(stateDir, options);
  const verdict = await store.verifyAudit();
  if (verdict.kind === 'broken') throw new Error(`round ${round}: the log is broken: ${verdict.problems.join('; ')}`);
  const { baseline } = await store.loadStanding(SERVER, VANTAGE);
  await store.close();
  const words = [...baseline.approved.values()].map(({ content }) => JSON.parse(content).word);
  const [first = 0, second = 0] = words;
  if (words.length !== (first === 0 ? 0 : 2) || first !== second)
    throw new Error(`round ${round}: half a baseline: ${words}`);
  if (first % 2 !== 0) throw new Error(`round ${round}: ${first} was recorded, never approved, and is in the baseline`);
  if (first < acknowledged)
    throw new Error(`round ${round}: ${acknowledged} was acknowledged, the baseline has ${first}`);
  const database = new Database(join(stateDir, 'sealwatch.db'));
  const answer = database.pragma('quick_check', { simple: true });
  database.close();
  if (answer !== 'ok') throw new Error(`round ${round}: quick_check says ${answer}`);
  return first;
}

/** Records one number after the other and approves the even ones, reporting each on standard output when it is done. */
async function work(stateDir) {
  const store = await openStore(stateDir, options);
  let stopped = false;
  process.once('SIGTERM', () => (stopped = true));
  const { baseline } = await store.loadStanding(SERVER, VANTAGE);
  const [approved] = [...baseline.approved.values()].map(({ content }) => JSON.parse(content).word);
  for (let number = (approved ?? 0) + 1; !stopped; number++) {
    const request = await record(store, number);
    if (number % 2 !== 0) continue;
    const { id, digest } = request;
    const actor = { kind: 'person', name: 'soak', how: 'terminal' };
    await store.settle({ request: id, expectedDigest: digest, decision: 'approve', actor, at: now(), persons: 1 });
    process.stdout.write(`${number}\n`);
  }
  await store.close();
}

async function record(store, number) {
  const { revision, open } = await store.loadStanding(SERVER, VANTAGE);
  const snapshot = snapshotOf(number);
  const target = new Map(snapshot.definitions.map(({ refText, version }) => [refText, version]));
  const asked = `sha256:${sha256(`target ${number}`)}`;
  const requested = {
    urgency: 'low',
    changes: [],
    findings: [],
    review: [],
    target,
    asked,
    provenance: 'v1:sha256:00',
  };
  // After a kill the open request may ask for this number already.
  const next = open === undefined ? { kind: 'open' } : { kind: 'supersede', request: open.id };
  const transition = open?.asked === asked ? { kind: 'keep', request: open.id } : next;
  const inspection = {
    kind: 'checked',
    server: SERVER,
    vantage: VANTAGE,
    at: now(),
    durationMs: 0,
    snapshot,
    remarks: [],
    suggestedMasks: [],
    key: String(number),
    changes: [],
    findings: [],
    decisions: [],
    requested,
    policyApprovals: [],
  };
  const alerts = [
    {
      subject: { kind: 'change-request' },
      urgency: 'low',
      dedupKey: asked,
      to: [{ channel: 'stdout', recipient: '' }],
    },
  ];
  return store.record({ inspection, occasion: 'observation', expectedRevision: revision, transition, alerts });
}

function snapshotOf(number) {
  const definitions = ['left', 'right'].map((name) => {
    const value = { name, word: number };
    const content = JSON.stringify(value);
    const version = `v1:sha256:${sha256(content)}`;
    const ref = { server: SERVER, kind: 'tool', name };
    return {
      ref,
      refText: `${SERVER}/tool/${name}`,
      version,
      rawFingerprint: version,
      value,
      content,
      flaws: [],
      inexactNumbers: [],
      masked: [],
    };
  });
  const rawDigest = sha256(String(number));
  return {
    server: SERVER,
    vantage: VANTAGE,
    protocolVersion: '2025-11-25',
    definitions,
    digest: `sha256:${rawDigest}`,
    setHashes: {},
    rawDigest,
  };
}

function now() {
  return new Date().toISOString();
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

if (process.argv[2] === 'child') await work(process.argv[3]);
