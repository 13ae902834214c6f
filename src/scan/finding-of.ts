import type { Definition } from '../model/definition.js';
import type { Finding } from '../model/finding.js';
import type { Pointer } from '../model/pointer.js';
import type { Rule } from './rule.js';

/** Where a rule matched. */
export interface Match {
  readonly pointer: Pointer;
  /** The string it matched in, as sent. */
  readonly text: string;
  readonly span: { readonly start: number; readonly end: number };
  /** What to say beyond the rule's title, server text quoted. */
  readonly detail?: string | undefined;
}

/** Returns a match as a finding. */
export function toFinding(rule: Rule, { refText, version }: Definition, match: Match): Finding {
  return {
    rule: rule.id,
    refText,
    version,
    pointer: match.pointer,
    span: match.span,
    excerpt: excerptOf(match.text, match.span),
    severity: rule.severity,
    confidence: rule.confidence,
    message: match.detail === undefined ? rule.title : `${rule.title}: ${match.detail}`,
    blocks: rule.blocks,
    means: rule.means,
    remediation: rule.remediation,
  };
}

/** What is shown around a match, on each side. */
const AROUND = 24;

/** Longer matches are cut; the span still says how far they go. */
const MAX_EXCERPT = 200;

/** Returns a part of a text with a little around it. */
export function excerptOf(text: string, { start, end }: Match['span']): string {
  const from = wholeCharacter(text, Math.max(0, start - AROUND));
  const to = wholeCharacter(text, Math.min(text.length, end + AROUND, from + MAX_EXCERPT));
  // A part of a string keeps the whole in memory, and findings are kept for long: this is a string of its own.
  return text.slice(from, to).split('').join('');
}

/** A surrogate pair is not torn apart. */
function wholeCharacter(text: string, place: number): number {
  const code = text.charCodeAt(place);
  const previous = text.charCodeAt(place - 1);
  return code >= 0xdc00 && code <= 0xdfff && previous >= 0xd800 && previous <= 0xdbff ? place - 1 : place;
}
