import { scanSnapshot } from '../../dist/scan/scan-snapshot.js';
import { snapshotOf } from './judge.mjs';
import { warmRules } from './warm-rules.mjs';

const TURNS = 5;

/**
 * What listings take, in the order of the versions, in milliseconds a tool: `perTool` from nothing remembered (`median`, `least` and `most`
 * of five turns), `again` once more.
 */
export async function costOf(listings) {
  const snapshots = listings.map((listing) => snapshotOf(listing));
  const tools = snapshots.reduce(
    (sum, { definitions }) => sum + definitions.filter(({ ref }) => ref.kind === 'tool').length,
    0,
  );
  if (tools === 0) return { tools };
  const pass = (rules) => {
    const started = performance.now();
    for (const snapshot of snapshots) scanSnapshot(snapshot, [], rules);
    return (performance.now() - started) / tools;
  };
  const turns = [];
  let rules;
  for (let turn = 0; turn < TURNS; turn += 1) {
    rules = await warmRules();
    turns.push(pass(rules));
  }
  const ordered = turns.toSorted((a, b) => a - b);
  const [least] = ordered;
  return { tools, perTool: { median: ordered[(TURNS - 1) / 2], least, most: ordered.at(-1) }, again: pass(rules) };
}
