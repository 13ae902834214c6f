// Reads a folder of labelled definitions (see README.md) and says which part of it is kept for validation.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Families that whoever writes rules or trains does not look at; cases that were made from them go with them. */
const VALIDATION_FAMILIES = ['agentdefenders', 'safe-mcp', 'mcpsecbench', 'mcp-shield'];

/** Attacks that the definition itself shows; what else there is (`output`, `borderline`) is counted apart. */
export const SCORED_GROUPS = ['text', 'context', 'pair', 'synthetic'];

/**
 * Returns the cases and listings of a folder: every `*.jsonl` whose cases are labelled, and `real/servers.jsonl` where there is one.
 * `split` is `train`, `validation` or `all`.
 */
export function readCorpus(folder, split = 'all') {
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  if (names.length === 0) throw new Error(`${folder} has no .jsonl files`);
  const cases = names.sort().flatMap((name) => readLines(join(folder, name)));
  const real = join(folder, 'real', 'servers.jsonl');
  const listings = existsSync(real) ? readLines(real) : [];
  const held = heldBackPackages(listings);
  return {
    cases: cases.filter((one) => isChosen(isHeldBack(one), split)),
    listings: listings.filter((one) => isChosen(held.has(one.package), split)),
  };
}

function readLines(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}

function isHeldBack({ family, source }) {
  return VALIDATION_FAMILIES.some(
    (name) => family === name || String(source).toLowerCase().includes(`payload ${name}-`),
  );
}

/** Every third package, in the order of their names. */
function heldBackPackages(listings) {
  const packages = [...new Set(listings.map((listing) => listing.package))].sort();
  return new Set(packages.filter((_, index) => index % 3 === 2));
}

function isChosen(isHeld, split) {
  return split === 'all' || (split === 'validation') === isHeld;
}
