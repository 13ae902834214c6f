// What it takes to look for attacks: rules and model together, on real listings where there are some (--corpus DIR, see test/eval).
import { loadRules } from '../../dist/cli/load-rules.js';
import { readCorpus } from '../eval/corpus.mjs';
import { costOf } from '../eval/cost.mjs';

export async function run({ corpus }) {
  const listings = corpus === undefined ? generated() : readCorpus(corpus).listings;
  const started = performance.now();
  const pack = await loadRules();
  const loaded = performance.now();
  pack.matchText('A first text, with which what is needed is built.');
  const built = performance.now();
  const { tools, perTool, again } = await costOf(listings);
  const from =
    corpus === undefined ? 'generated tools; name real ones with --corpus DIR' : 'real tools, versions in order';
  console.log(`Rules and learned model on ${tools} ${from}`);
  console.log(
    `  reading the rules, building the index        ${(loaded - started).toFixed(0)} ms, ${(built - loaded).toFixed(0)} ms`,
  );
  console.log(
    `  one tool, nothing of it seen before          ${perTool.median.toFixed(3)} ms (median of 5; ${perTool.least.toFixed(3)} to ${perTool.most.toFixed(3)})`,
  );
  console.log(`  one tool, all of it seen before              ${again.toFixed(3)} ms`);
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
