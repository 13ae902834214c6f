import type { Span } from './span.js';

/** A string, as sent. */
export interface PlainText {
  readonly text: string;
  /** Nothing in it but printable ASCII, tabs and line ends: it hides no character. */
  readonly isPlain: boolean;
}

/** What was found in a string, and what to say about it beyond the rule's title. */
export interface Detected {
  readonly span: Span;
  readonly detail: string;
}

/** Finds in one string what a regular expression cannot say, whoever sent it. */
export type TextDetector = (text: PlainText) => readonly Detected[];
