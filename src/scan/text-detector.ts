import type { Span } from './span.js';

/** What was found in a string, and what to say about it beyond the rule's title. */
export interface Detected {
  readonly span: Span;
  readonly detail: string;
}

/** Finds in one string what a regular expression cannot say, whoever sent it; the string is as it was sent. */
export type TextDetector = (text: string) => readonly Detected[];
