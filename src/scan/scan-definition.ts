import type { Definition } from '../model/definition.js';
import type { Finding } from '../model/finding.js';
import { collectTexts, type Text } from './collect-texts.js';
import { DETECTOR_OF } from './detectors.js';
import { flawFindings, incomplete, ruleFailed } from './engine-findings.js';
import { type Match, toFinding } from './finding-of.js';
import { matchPatterns, mayMatch } from './match-patterns.js';
import type { Neighbourhood } from './neighbourhood.js';
import { normalizeText } from './normalize-text.js';
import type { RulePack } from './rule-pack.js';
import type { Rule, TextRole } from './rule.js';

/** Longer strings are scanned to here: linear time is still time (about 10 ms for a hostile kilobyte). */
const MAX_TEXT_LENGTH = 64 * 1024;

/** All strings of one definition together. The largest of 10,258 real ones has 85 KB. */
const MAX_DEFINITION_LENGTH = 256 * 1024;

/** Findings of one rule in one string; more tell a reader nothing new. */
const MAX_MATCHES = 20;

/**
 * Returns what the rules find in one definition: at most a few findings of one rule in one string.
 *
 * Where a string or the definition is longer than what is scanned, or a rule fails, that is a finding too.
 */
export function scanDefinition(definition: Definition, context: Neighbourhood, pack: RulePack): readonly Finding[] {
  const all = collectTexts(definition);
  const { texts, cut } = withinLimits(all);
  return [
    ...flawFindings(definition),
    ...cut.map((pointer) => incomplete(definition, pointer)),
    ...patternFindings(definition, texts, pack),
    // In one pass over single characters, which costs little: hidden text is looked for in everything.
    ...detectorFindings(definition, all, context, pack),
  ];
}

/** Returns the finding that a definition was not scanned at all. */
export function unscanned(definition: Definition): readonly Finding[] {
  return [...flawFindings(definition), incomplete(definition, '')];
}

function withinLimits(all: readonly Text[]): { readonly texts: readonly Text[]; readonly cut: readonly string[] } {
  let left = MAX_DEFINITION_LENGTH;
  const texts: Text[] = [];
  const cut: string[] = [];
  for (const one of all) {
    const room = Math.min(MAX_TEXT_LENGTH, left);
    if (one.text.length > room) cut.push(one.pointer);
    texts.push({ ...one, text: one.text.slice(0, room) });
    left -= Math.min(one.text.length, room);
  }
  // Many strings beyond the end are one finding, at the first of them.
  return { texts, cut: left > 0 ? cut : cut.slice(0, 1) };
}

function patternFindings(definition: Definition, texts: readonly Text[], pack: RulePack): readonly Finding[] {
  const normalized = texts.map((text) => ({ ...text, normalized: normalizeText(text.text) }));
  // Words such as `string` and `object` come again and again; where is asked later.
  const together = [...new Set(normalized.map((one) => one.normalized.text))].join('\n');
  return pack.patternRules
    .filter(({ rule }) => applies(rule, definition))
    .flatMap((compiled) =>
      guarded(compiled.rule, definition, () => {
        if (!mayMatch(compiled, together)) return [];
        return normalized
          .filter(({ role }) => isLookedAt(compiled.rule, role))
          .flatMap((one) =>
            matchPatterns(compiled, one.normalized)
              .slice(0, MAX_MATCHES)
              .map((span): Match => ({ pointer: one.pointer, text: one.text, span })),
          );
      }),
    );
}

function detectorFindings(
  definition: Definition,
  texts: readonly Text[],
  context: Neighbourhood,
  pack: RulePack,
): readonly Finding[] {
  return pack.rules.flatMap((rule) => {
    const { condition } = rule;
    if (condition.kind !== 'detector' || !applies(rule, definition)) return [];
    const detect = DETECTOR_OF[condition.detector];
    return guarded(rule, definition, () =>
      texts
        .filter(({ role }) => isLookedAt(rule, role))
        .flatMap((text) => detect(text, definition, context).slice(0, MAX_MATCHES)),
    );
  });
}

function applies(rule: Rule, { ref }: Definition): boolean {
  return rule.kinds.includes(ref.kind);
}

function isLookedAt(rule: Rule, role: TextRole): boolean {
  return rule.fields.includes(role);
}

/** A rule that fails on a text must not be silent about it: the text may be made to make it fail. */
function guarded(rule: Rule, definition: Definition, match: () => readonly Match[]): readonly Finding[] {
  try {
    return match().map((one) => toFinding(rule, definition, one));
  } catch (error) {
    return [ruleFailed(rule, definition, error)];
  }
}
