import type { Line } from '../render/line.js';
import { makeVisibleLines } from '../quote.js';

/** What an alert says, before it becomes text or HTML. Every string is safe to show: server text is quoted in it. */
export interface AlertText {
  readonly heading: string;
  readonly parts: readonly AlertPart[];
}

/** One part of it. */
export type AlertPart =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  | { readonly kind: 'link'; readonly label: string; readonly url: string }
  | { readonly kind: 'commands'; readonly commands: readonly { readonly command: string; readonly does: string }[] };

/** Returns a paragraph. */
export function paragraph(text: string): AlertPart {
  return { kind: 'paragraph', text };
}

/** Returns a heading. */
export function heading(text: string): AlertPart {
  return { kind: 'heading', text };
}

/** Returns commands with what each does. */
export function commands(list: readonly (readonly [string, string])[]): AlertPart {
  return { kind: 'commands', commands: list.map(([command, does]) => ({ command, does })) };
}

/** Returns a text in one line. Messages are quoted where they are made; this only holds that they cannot break out of their line. */
export function oneLine(text: string): string {
  return makeVisibleLines(text).replace(/[\n\t]+/g, ' ');
}

/** Returns a moment for people, `2026-11-22 23:01 UTC`: seconds help nobody here. */
export function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
