// The figures: recall on attacks, false alarms on honest definitions, what changes are called, and what it costs.
import { loadRules } from '../../dist/cli/load-rules.js';
import { scanSnapshot } from '../../dist/scan/scan-snapshot.js';
import { SCORED_GROUPS } from './corpus.mjs';
import { judge, listingOf, neighboursOf, newest, snapshotOf, worst } from './judge.mjs';
import { costOf } from './cost.mjs';

/** Classes that a rug pull may be given; `wording` would let it pass as harmless. */
const ALARMING = ['instruction', 'hidden-text', 'capability', 'destination'];

/** Returns what the shipped rules and model say of every case and listing, and how long it takes. */
export async function measure({ cases, listings }) {
  // First, while nothing is remembered of any text.
  const cost = await costOf(listings);
  const rules = await loadRules();
  const attacks = cases.filter(({ label }) => label === 'malicious').map((one) => judgeCase(one, rules));
  const honest = cases.filter(({ label, before }) => label === 'benign' && before === undefined);
  return {
    attacks: attacks.filter(({ one }) => SCORED_GROUPS.includes(one.eval_group)),
    others: attacks.filter(({ one }) => one.eval_group === 'borderline'),
    honest: honest.map((one) => judgeCase(one, rules)),
    pairs: cases
      .filter(({ label, before }) => label === 'benign' && before !== undefined)
      .map((one) => judgeCase(one, rules)),
    real: newest(listings).map((listing) => judgeListing(listing, rules)),
    changes: neighbouring(listings).flatMap(([before, after]) => judgeChange(before, after, rules)),
    cost,
  };
}

function judgeCase(one, rules) {
  const before = one.before === undefined ? undefined : snapshotOf(listingOf(one, 'before'));
  const { findings, changes } = judge(snapshotOf(listingOf(one)), before, neighboursOf(one), rules);
  const changed = changes.filter(({ kind }) => kind !== 'reprovenanced');
  return {
    one,
    findings,
    worst: worst(findings),
    changes: changed,
    isAlarming: changed.some(({ classes }) => classes.some((name) => ALARMING.includes(name))),
  };
}

function judgeListing(listing, rules) {
  const snapshot = snapshotOf(listing);
  const { findings } = judge(snapshot, undefined, [], rules);
  const tools = snapshot.definitions.filter(({ ref }) => ref.kind === 'tool');
  return {
    package: listing.package,
    worst: worst(findings),
    findings,
    tools: tools.map(({ refText }) => ({
      refText,
      worst: worst(findings.filter((finding) => finding.refText === refText)),
    })),
  };
}

function judgeChange(before, after, rules) {
  const { changes } = judge(snapshotOf(after), snapshotOf(before), [], rules);
  return changes
    .filter(({ ref, kind }) => ref.kind === 'tool' && kind === 'changed')
    .map((change) => ({ package: after.package, ...change }));
}

function neighbouring(listings) {
  return listings.flatMap((listing, index) => {
    const before = listings[index - 1];
    return before?.package === listing.package ? [[before, listing]] : [];
  });
}
