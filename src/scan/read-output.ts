import { isAtLeast, type Severity } from '../model/finding.js';
import { quote } from '../quote.js';
import { excerptOf } from './finding-of.js';
import type { TextMatch } from './match-text.js';
import { mentionsIn } from './mentioned-spans.js';
import type { RulePack } from './rule-pack.js';
import { outputSeverity, type Rule, type TextRole } from './rule.js';
import type { Span } from './span.js';

/** What a rule found in one string of a result. */
interface OutputMatch {
  readonly rule: Rule;
  readonly severity: Severity;
  /** Quoted, secrets masked. */
  readonly excerpt: string;
}

/** What was found in one string. */
export interface OutputReading {
  /** The worst match of each rule. */
  readonly matches: readonly OutputMatch[];
  /** Whether all of it was read: not where a text has too many disguises, or a rule failed on it. */
  readonly isWhole: boolean;
}

/** A string to be read: as it came, and without what a person does not see. */
export interface OutputString {
  readonly original: string;
  readonly clean: string;
  readonly role: TextRole;
}

/**
 * Patterns are looked for in windows, so that the work grows with the length of a text, whatever is in it; a window begins with the end of
 * the one before, which is longer than what any rule combines.
 */
const WINDOW = 8 * 1024;
const OVERLAP = 1024;

/**
 * Returns what the rules about outputs find in one string. What looks like an order is at most of medium severity where it is mentioned,
 * see {@link mentionsIn}.
 */
export function readOutput({ original, clean, role }: OutputString, pack: RulePack): OutputReading {
  const inWindows = windowsOf(clean).map(({ start, end }) => {
    const { matches, isWhole } = pack.matchOutput(readable(clean.slice(start, end)));
    return { matches: matches.map((match) => moved(match, start)), isWhole };
  });
  const found = inWindows.flatMap(({ matches }) => matches);
  const hidden = pack.detectInOutput(original);
  const failed = [...found, ...hidden].some(({ kind }) => kind === 'failed');
  return {
    matches: [...toMatches(clean, found, role), ...toMatches(original, hidden, role)],
    isWhole: !failed && inWindows.every(({ isWhole }) => isWhole),
  };
}

function windowsOf(text: string): readonly Span[] {
  const windows: Span[] = [];
  for (let start = 0; start === 0 || start + OVERLAP < text.length; start += WINDOW - OVERLAP) {
    windows.push({ start, end: Math.min(text.length, start + WINDOW) });
  }
  return windows;
}

/** In JSON and source code a line break is written `\n`, and would be read as a letter of the next word. The length stays. */
function readable(text: string): string {
  return text.includes('\\') ? text.replace(/\\[nrt]/g, '  ') : text;
}

function moved(match: TextMatch, by: number): TextMatch {
  if (match.kind === 'failed') return match;
  const { start, end } = match.span;
  return { ...match, span: { start: start + by, end: end + by } };
}

type Found = Extract<TextMatch, { kind: 'match' }> & { readonly severity: Severity };

function toMatches(text: string, all: readonly TextMatch[], role: TextRole): readonly OutputMatch[] {
  const isMentioned = mentionsIn(text);
  const found = all.flatMap((match): readonly Found[] => {
    if (match.kind === 'failed' || !match.rule.fields.includes(role)) return [];
    return [{ ...match, severity: severityOf(match.rule, () => isMentioned(match.span)) }];
  });
  if (found.length === 0) return [];
  const secrets = found.flatMap(({ rule, span }) => (rule.secret ? [span] : []));
  const shown = withoutSecrets(text, secrets);
  return worstOfEach(found).map(({ rule, severity, span }) => ({
    rule,
    severity,
    excerpt: quote(excerptOf(shown, span)),
  }));
}

function severityOf(rule: Rule, isMentioned: () => boolean): Severity {
  const severity = outputSeverity(rule);
  const isSaid = rule.means === 'instruction' || rule.means === 'destination';
  return isSaid && (severity === 'high' || severity === 'critical') && isMentioned() ? 'medium' : severity;
}

/** Enough to recognise which secret it is, too little to use it. */
const SHOWN = 4;

/** The length stays, so that places in the text stay what they are. */
function withoutSecrets(text: string, secrets: readonly Span[]): string {
  if (secrets.length === 0) return text;
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of secrets.toSorted((a, b) => a.start - b.start)) {
    const from = Math.max(at, Math.min(end, start + SHOWN));
    if (from >= end) continue;
    parts.push(text.slice(at, from), '•'.repeat(end - from));
    at = end;
  }
  return parts.join('') + text.slice(at);
}

/** More of one rule in one string tell a reader nothing new; what is said counts more than what is mentioned. */
function worstOfEach(found: readonly Found[]): readonly Found[] {
  const worst = new Map<Rule, Found>();
  for (const match of found) {
    const known = worst.get(match.rule);
    if (known === undefined || !isAtLeast(known.severity, match.severity)) worst.set(match.rule, match);
  }
  return Array.from(worst.values());
}
