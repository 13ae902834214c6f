// What the model is trained on: passages of attacks and of honest definitions, the corpus' and our own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { collectTexts } from '../../dist/scan/collect-texts.js';
import { SCORED_GROUPS } from './corpus.mjs';
import { documentation } from './documentation.mjs';
import { listingOf, newest, snapshotOf } from './judge.mjs';
import { generateAttacks } from './own/grammar.mjs';

/** Together, our own texts weigh about as much as the published ones. */
const OWN_WEIGHT = 1.5;
const GENERATED = 800;
const GENERATED_WEIGHT = 0.3;
const FAMILY_WEIGHT = 6;
const OWN_HONEST_WEIGHT = 3;

/**
 * Returns `attacks`, bags `{ family, passages, weight }` of which at least one passage is an attack, and `honest`,
 * `{ unit, kind, family, fold, passages, weight }`, where what belongs to one package or server has one fold, and what an author of our own
 * wrote is of the same family as the author's attacks.
 */
export function trainingSet({ cases, listings }, pack, seed) {
  const honest = honestSet(cases, listings, pack);
  const carriers = new Set(honest.flatMap(({ passages }) => passages.map(({ text }) => text)));
  const attacks = attackSet(cases, pack, seed)
    // What stands in honest definitions as well is what the attack was put into.
    .map((one) => ({ ...one, passages: one.passages.filter(({ text }) => !carriers.has(text)) }))
    .filter(({ passages }) => passages.length > 0);
  return { attacks, honest };
}

/** Returns the different passages of honest definitions with their weights. */
export function honestRows(honest) {
  const rows = new Map();
  for (const { passages, weight } of honest) {
    for (const { features } of passages) {
      const key = features.join();
      if (!rows.has(key)) rows.set(key, { features, weight });
    }
  }
  return [...rows.values()];
}

function attackSet(cases, pack, seed) {
  const published = cases
    .filter(
      ({ label, eval_group: group }) => label === 'malicious' && SCORED_GROUPS.includes(group) && group !== 'context',
    )
    .map((one) => ({
      family: familyOf(one),
      passages: passagesIn(listingOf(one), pack).filter(({ signals }) => signals > 0),
    }));
  const sizes = new Map();
  for (const { family } of published) sizes.set(family, (sizes.get(family) ?? 0) + 1);
  return [
    ...published.map((one) => ({ ...one, weight: FAMILY_WEIGHT / Math.sqrt(sizes.get(one.family)) })),
    ...own('attacks').map(({ author, text }) => ({
      family: author,
      passages: pack.passagesOf(text),
      weight: OWN_WEIGHT,
    })),
    ...generateAttacks(GENERATED, seed).map((text) => ({
      family: 'generated',
      passages: pack.passagesOf(text),
      weight: GENERATED_WEIGHT,
    })),
  ];
}

function honestSet(cases, listings, pack) {
  return [
    ...own('honest').map(({ author, text }) => ({
      ...honestUnit(text, text, pack.passagesOf(text), OWN_HONEST_WEIGHT, 'own'),
      family: author,
    })),
    ...documentation().map(({ package: name, text }) =>
      honestUnit('', name, pack.passagesOf(text), 1, 'documentation'),
    ),
    ...cases
      .filter(({ label }) => label === 'benign')
      .map((one) => honestUnit(one.id, one.server ?? one.family, passagesIn(listingOf(one), pack), 1, 'published')),
    ...newest(listings).flatMap((listing) => [
      ...listing.tools.map((tool) =>
        honestUnit(tool.name, listing.package, passagesIn({ tools: [tool] }, pack), 1, 'real'),
      ),
      honestUnit('', listing.package, passagesIn({ ...listing, tools: [] }, pack), 1, 'real'),
    ]),
  ].filter(({ passages }) => passages.length > 0);
}

function honestUnit(unit, group, passages, weight, kind) {
  return { unit, kind, fold: numberOf(group), passages, weight };
}

/** A family's payloads that were moved into other carriers are of that family. */
function familyOf({ source, family }) {
  return /payload ([a-z0-9-]+?)-M-/.exec(source)?.[1] ?? family;
}

/**
 * Our own texts, `attacks*.txt` or `honest*.txt`; every file is an author of its own, who is left out as a whole. A line is a text, which may have
 * its class and a tab before it; `\\n` in it is a line break.
 */
function own(kind) {
  const folder = join(import.meta.dirname, 'own');
  const files = readdirSync(folder).filter((file) => file.startsWith(kind) && file.endsWith('.txt'));
  return files.sort().flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => ({
        author: file.slice(0, -'.txt'.length).replace(kind, 'own'),
        text: line.replace(/^[^\t]*\t/, '').replaceAll('\\n', '\n'),
      })),
  );
}

function passagesIn(listing, pack) {
  const texts = snapshotOf(listing).definitions.flatMap((definition) =>
    definition.ref.kind === 'provenance' ? [] : collectTexts(definition).map(({ text }) => text),
  );
  return [...new Set(texts)].flatMap((text) => pack.passagesOf(text));
}

function numberOf(text) {
  return Array.from(text).reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, 7);
}
