import type { Definition } from '../model/definition.js';
import { type Finding, isAtLeast } from '../model/finding.js';
import { collectTexts, type Text } from './collect-texts.js';
import { flawFindings, incomplete, ruleFailed, suspicious } from './engine-findings.js';
import { findSplit, type Reading } from './find-split.js';
import { type Match, toFinding } from './finding-of.js';
import { looksForAttacks } from './looks-for-attacks.js';
import type { TextMatch } from './match-text.js';
import { mentionsIn } from './mentioned-spans.js';
import { namesIn } from './names-in.js';
import type { Neighbourhood } from './neighbourhood.js';
import type { OwnReading, RulePack } from './rule-pack.js';
import type { Rule } from './rule.js';

/** Longer strings are scanned to here: linear time is still time (about 10 ms for a hostile kilobyte). */
export const MAX_TEXT_LENGTH = 64 * 1024;

/** All strings of one definition together. The largest of 10,258 real ones has 85 KB. */
const MAX_DEFINITION_LENGTH = 256 * 1024;

/** Findings of one rule in one string; more tell a reader nothing new. */
const MAX_MATCHES = 20;

/**
 * Returns what the rules find in one definition: at most a few findings of one rule in one string; and what other tools' descriptions are held
 * against.
 *
 * Where a string or the definition is longer than what is scanned, or a rule fails, that is a finding too.
 */
export function scanDefinition(definition: Definition, context: Neighbourhood, pack: RulePack): OwnReading {
  const own = readAlone(definition, pack);
  return { ...own, findings: [...own.findings, ...contextFindings(definition, context, pack)] };
}

/** What a definition says by itself comes again with every look at it, whoever its neighbours are. */
function readAlone(definition: Definition, pack: RulePack): OwnReading {
  const { refText, version, rawFingerprint } = definition;
  if (rawFingerprint === undefined) return readTexts(definition, pack);
  const key = `${rawFingerprint} ${version} ${refText}`;
  const known = pack.memory.recall(key);
  if (known !== undefined) return known;
  const own = readTexts(definition, pack);
  return pack.memory.keep(key, own, own.findings.length + own.names.length + 1);
}

function readTexts(definition: Definition, pack: RulePack): OwnReading {
  const { texts, cut, told } = withinLimits(collectTexts(definition));
  const readings = texts.map((text): Reading => ({ text, reading: pack.matchText(text.text) }));
  const findings = [
    ...flawFindings(definition),
    ...told.map(({ pointer }) => incomplete(definition, pointer)),
    ...textFindings(definition, readings, pack),
    // In one pass over single characters, which costs little: hidden text is looked for in everything.
    ...cut.flatMap((text) => reported(definition, text, pack.detectIn(text.text), new Set())),
  ];
  const description = readings.find(({ text }) => text.pointer === '/description');
  if (definition.ref.kind !== 'tool' || description === undefined) return { findings, groups: [], names: [] };
  return { findings, groups: description.reading.groups, names: namesIn(description.text.text) };
}

/** Returns the finding that a definition was not scanned at all. */
export function unscanned(definition: Definition): readonly Finding[] {
  return [...flawFindings(definition), incomplete(definition, '')];
}

interface Limited {
  readonly texts: readonly Text[];
  /** Those that were cut, as they were. */
  readonly cut: readonly Text[];
  /** Those of them that are told. */
  readonly told: readonly Text[];
}

function withinLimits(all: readonly Text[]): Limited {
  let left = MAX_DEFINITION_LENGTH;
  const texts: Text[] = [];
  const cut: Text[] = [];
  for (const one of all) {
    const room = Math.min(MAX_TEXT_LENGTH, left);
    if (one.text.length > room) cut.push(one);
    texts.push(one.text.length > room ? { ...one, text: one.text.slice(0, room) } : one);
    left -= Math.min(one.text.length, room);
  }
  // Many strings beyond the end are one finding, at the first of them.
  return { texts, cut, told: left > 0 ? cut : cut.slice(0, 1) };
}

function textFindings(definition: Definition, readings: readonly Reading[], pack: RulePack): readonly Finding[] {
  const failed = new Set<Rule>();
  const found: Finding[] = [];
  for (const { text, reading } of readings) {
    // Nothing is found in most of them.
    if (reading.matches.length > 0) found.push(...reported(definition, text, reading.matches, failed));
    if (!reading.isWhole) found.push(incomplete(definition, text.pointer));
  }
  return [...found, ...splitFindings(definition, readings, found, pack), ...suspicions(definition, readings, found)];
}

/** A rule that failed is told once; `failed` are those that were. */
function reported(
  definition: Definition,
  text: Text,
  matches: readonly TextMatch[],
  failed: Set<Rule>,
): readonly Finding[] {
  const isMentioned = attackMentions(definition, text.text);
  return matches.flatMap((match): readonly Finding[] => {
    const { rule } = match;
    if (!applies(rule, definition) || !rule.fields.includes(text.role)) return [];
    if (match.kind === 'match') {
      const finding = toFinding(rule, definition, { ...match, pointer: text.pointer, text: text.text });
      return [isMentioned(match) ? mentioned(finding) : finding];
    }
    if (failed.has(rule)) return [];
    failed.add(rule);
    return [ruleFailed(rule, definition, match.error)];
  });
}

/**
 * Returns the function that says whether a match is an attack that a tool which looks for attacks shows as an example. What hides itself is
 * no example, nor what is never honest; and elsewhere quotation marks say nothing, since an attacker can add them.
 */
function attackMentions(
  definition: Definition,
  text: string,
): (match: Extract<TextMatch, { kind: 'match' }>) => boolean {
  const isQuoted = mentionsIn(text);
  return ({ rule, span, detail }) =>
    isAtLeast(rule.severity, 'high') &&
    !rule.blocks &&
    (rule.means === 'instruction' || rule.means === 'destination') &&
    detail === undefined &&
    isQuoted(span) &&
    looksForAttacks(definition);
}

function mentioned(finding: Finding): Finding {
  return { ...finding, severity: 'medium', message: `${finding.message}: quoted, by a tool that looks for attacks` };
}

/** What stands in several strings is at most of medium severity: nobody knows whether they belong together. */
function splitFindings(
  definition: Definition,
  readings: readonly Reading[],
  found: readonly Finding[],
  pack: RulePack,
): readonly Finding[] {
  const told = new Set(found.map(({ rule }) => rule));
  const matches = findSplit(
    readings,
    pack,
    (rule) => applies(rule, definition) && isAtLeast(rule.severity, 'high') && !told.has(rule.id),
  );
  return matches.map((one) =>
    one.kind === 'failed'
      ? ruleFailed(one.rule, definition, one.error)
      : { ...toFinding(one.rule, definition, one.match), severity: 'medium', confidence: 'low', blocks: false },
  );
}

/** The one passage of a definition that the learned model finds worst, unless a rule has said more of the same text. */
function suspicions(
  definition: Definition,
  readings: readonly Reading[],
  found: readonly Finding[],
): readonly Finding[] {
  const suspected = readings.flatMap(({ text, reading: { suspicion } }) =>
    suspicion === undefined ? [] : [{ text, suspicion }],
  );
  if (suspected.length === 0) return [];
  const told = new Set(found.filter(({ severity }) => isAtLeast(severity, 'medium')).map(({ pointer }) => pointer));
  const worst = suspected
    .filter(({ text }) => !told.has(text.pointer))
    .toSorted((a, b) => b.suspicion.score - a.suspicion.score)[0];
  return worst === undefined ? [] : [suspicious(definition, worst.text, worst.suspicion)];
}

function contextFindings(definition: Definition, context: Neighbourhood, pack: RulePack): readonly Finding[] {
  return pack.contextRules.flatMap(({ rule, detect }) => {
    if (!applies(rule, definition)) return [];
    const texts = (): readonly Text[] => collectTexts(definition).filter(({ role }) => rule.fields.includes(role));
    try {
      const matches = detect(definition, context, texts);
      return firstOfEach(matches).map((match) => toFinding(rule, definition, match));
    } catch (error) {
      // A rule that fails on a text must not be silent about it: the text may be made to make it fail.
      return [ruleFailed(rule, definition, error)];
    }
  });
}

/** Of each string only so many. */
function firstOfEach(matches: readonly Match[]): readonly Match[] {
  const counts = new Map<string, number>();
  return matches.filter(({ pointer }) => {
    const count = (counts.get(pointer) ?? 0) + 1;
    counts.set(pointer, count);
    return count <= MAX_MATCHES;
  });
}

function applies(rule: Rule, { ref }: Definition): boolean {
  // A face holds a definition of any kind.
  return ref.kind === 'face' || rule.kinds.includes(ref.kind);
}
