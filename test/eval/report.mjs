// The figures of an evaluation as text and as JSON.
import { SEVERITIES } from '../../dist/model/finding.js';
import { MEDIUM } from './judge.mjs';

const LEVELS = ['medium', 'high', 'critical'].map((name) => ({ name, at: SEVERITIES.indexOf(name) }));

/** Returns every figure, with the misses and alarms behind them. */
export function summarize({ attacks, others, honest, pairs, real, changes, cost }) {
  const tools = real.flatMap((server) => server.tools);
  const isHard = ({ one }) => one.hard === true;
  const isFound = (at) => (one) => one.worst >= at;
  const rugs = attacks.filter(({ one }) => one.before !== undefined);
  const families = recallBy(attacks, 'family');
  return {
    recall: {
      all: share(attacks, isFound(MEDIUM)),
      meanOverFamilies: families.reduce((sum, { found, of }) => sum + found / of, 0) / Math.max(1, families.length),
      byGroup: recallBy(attacks, 'eval_group'),
      byAttack: recallBy(attacks, 'attack'),
      byFamily: families,
      byTransform: recallBy(attacks, 'transform'),
      borderline: share(others, isFound(MEDIUM)),
    },
    falseAlarms: LEVELS.map(({ name, at }) => ({
      severity: name,
      wild: share(
        honest.filter((one) => !isHard(one)),
        isFound(at),
      ),
      hard: share(honest.filter(isHard), isFound(at)),
      pairs: share(pairs, isFound(at)),
      realTools: share(tools, isFound(at)),
      realServers: share(real, isFound(at)),
    })),
    changes: {
      realToolsCalledCritical: share(changes, ({ urgency }) => urgency === 'critical'),
      pairsCalledCritical: share(pairs, (one) => one.changes.some(({ urgency }) => urgency === 'critical')),
      rugPullsNotCalledHarmless: share(rugs, ({ isAlarming }) => isAlarming),
    },
    cost,
    misses: attacks.filter((one) => one.worst < MEDIUM).map(({ one }) => missOf(one)),
    alarms: [
      ...[...honest, ...pairs].flatMap(({ one, findings }) => alarmsIn(one.id, findings)),
      ...real.flatMap((server) => alarmsIn(server.package, server.findings)),
    ],
  };
}

function share(list, isCounted) {
  return { found: list.filter(isCounted).length, of: list.length };
}

function recallBy(attacks, key) {
  const names = [...new Set(attacks.flatMap(({ one }) => one[key] ?? []))].sort();
  return names.map((name) => ({
    name,
    ...share(
      attacks.filter(({ one }) => one[key] === name),
      ({ worst }) => worst >= MEDIUM,
    ),
  }));
}

function missOf(one) {
  const shown = one.tool ?? one.after ?? one.prompt ?? one.resource ?? one.server_instructions;
  return { id: one.id, attack: one.attack, group: one.eval_group, shown };
}

function alarmsIn(id, findings) {
  return findings
    .filter(({ severity }) => SEVERITIES.indexOf(severity) >= MEDIUM)
    .map(({ rule, severity, refText, pointer, excerpt }) => ({ id, rule, severity, refText, pointer, excerpt }));
}

/** Prints a summary; `options` has `misses` and `alarms`. */
export function print(summary, options) {
  const { recall, falseAlarms, changes, cost } = summary;
  console.log(`Attacks found at medium or above: ${percent(recall.all)}`);
  console.log(`  mean over families              ${(100 * recall.meanOverFamilies).toFixed(1)} %`);
  for (const [title, rows] of Object.entries({
    'by group': recall.byGroup,
    'by attack': recall.byAttack,
    'by family': recall.byFamily,
    'by carrier': recall.byTransform,
  })) {
    if (rows.length === 0) continue;
    console.log(`  ${title}`);
    for (const row of rows) console.log(`    ${row.name.padEnd(28)}  ${percent(row)}`);
  }
  if (recall.borderline.of > 0) console.log(`  borderline, not scored          ${percent(recall.borderline)}`);
  console.log('\nFalse alarms at or above');
  for (const row of falseAlarms) {
    console.log(`  ${row.severity}`);
    console.log(`    tools of real servers         ${percent(row.realTools)}`);
    console.log(`    real servers                  ${percent(row.realServers)}`);
    console.log(`    definitions in the wild       ${percent(row.wild)}`);
    console.log(`    hard ones                     ${percent(row.hard)}`);
    console.log(`    honest changes                ${percent(row.pairs)}`);
  }
  console.log('\nChanges');
  console.log(`  changed tools between real versions called critical  ${percent(changes.realToolsCalledCritical)}`);
  console.log(`  honest pairs called critical                         ${percent(changes.pairsCalledCritical)}`);
  console.log(`  rug pulls not called harmless                        ${percent(changes.rugPullsNotCalledHarmless)}`);
  if (cost.tools > 0) {
    console.log(
      `\nTime: ${cost.perTool.median.toFixed(3)} ms a tool over ${cost.tools} tools (median of 5; ${cost.perTool.least.toFixed(3)} to ${cost.perTool.most.toFixed(3)}), ${cost.again.toFixed(3)} ms when seen before`,
    );
  }
  if (options.misses)
    for (const miss of summary.misses)
      console.log(`MISS ${miss.id} ${miss.attack} ${JSON.stringify(miss.shown).slice(0, 600)}`);
  if (options.alarms)
    for (const one of summary.alarms)
      console.log(`ALARM ${one.id} ${one.refText} ${one.rule} ${one.severity} ${JSON.stringify(one.excerpt)}`);
}

function percent({ found, of }) {
  return of === 0 ? '–' : `${((100 * found) / of).toFixed(1).padStart(5)} %  (${found} of ${of})`;
}
