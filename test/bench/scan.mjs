// What it takes to look for attacks: rules and model together, on real listings where there are some (--corpus DIR, see test/eval).
import { loadRules } from '../../dist/cli/load-rules.js';
import { scanSnapshot } from '../../dist/scan/scan-snapshot.js';
import { readCorpus } from '../eval/corpus.mjs';
import { snapshotOf } from '../eval/judge.mjs';
import { warmRules } from '../eval/warm-rules.mjs';

export async function run({ corpus }) {
  const listings = corpus === undefined ? generated() : readCorpus(corpus).listings;
  const snapshots = listings.map((listing) => snapshotOf(listing));
  const tools = snapshots.reduce(
    (sum, one) => sum + one.definitions.filter(({ ref }) => ref.kind === 'tool').length,
    0,
  );
  const started = performance.now();
  const pack = await loadRules();
  const loaded = performance.now();
  pack.matchText('A first text, with which what is needed is built.');
  const built = performance.now();
  const pass = (by) => {
    const before = performance.now();
    for (const snapshot of snapshots) scanSnapshot(snapshot, [], by);
    return (performance.now() - before) / tools;
  };
  const first = pass(pack);
  const again = pass(pack);
  // The same once more from nothing remembered, with code and expressions that are compiled by now: a service that runs for a while.
  const passes = [];
  for (let turn = 0; turn < 5; turn += 1) passes.push(pass(await warmRules()));
  passes.sort((a, b) => a - b);
  const from =
    corpus === undefined ? 'generated tools; name real ones with --corpus DIR' : 'real tools, versions in order';
  console.log(`Rules and learned model on ${tools} ${from}`);
  console.log(
    `  reading the rules, building the index        ${(loaded - started).toFixed(0)} ms, ${(built - loaded).toFixed(0)} ms`,
  );
  console.log(`  one tool, nothing seen before, cold code     ${first.toFixed(3)} ms`);
  console.log(
    `  one tool, nothing seen before, warm code     ${passes[2].toFixed(3)} ms (median of 5; ${passes[0].toFixed(3)} to ${passes[4].toFixed(3)})`,
  );
  console.log(`  one tool, all texts seen before              ${again.toFixed(3)} ms`);
}

/** A thousand tools of about 2 KB, every text another one. */
function generated() {
  const field = (tool, index) => [
    `field_${index}`,
    {
      type: 'string',
      description: `The value of field ${index} of record ${tool}, exactly as it is stored. Must not be empty.`,
    },
  ];
  const tools = Array.from({ length: 1_000 }, (_, tool) => ({
    name: `get_record_${tool}`,
    description: `Returns record ${tool}. Call list_records first to get its id. Only records of the signed-in user are returned.`,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 12 }, (_, index) => field(tool, index))),
    },
  }));
  return [{ package: 'generated', initialize: {}, tools }];
}
