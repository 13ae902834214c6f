import type { Urgency } from '../model/drift.js';

/** One line to show, safe as it is: hidden characters are visible, secrets masked. The sign of its kind is not in the text. */
export interface Line {
  readonly kind: 'title' | 'text' | 'context' | 'added' | 'removed' | 'finding' | 'note' | 'blank';
  readonly text: string;
  /** How urgent it is, for its colour. */
  readonly urgency?: Urgency;
}

/** Returns the line that separates. */
export function blankLine(): Line {
  return { kind: 'blank', text: '' };
}
