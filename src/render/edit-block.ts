import type { Edit } from '../model/drift.js';
import type { JsonValue } from '../model/json.js';
import { makeVisible } from '../quote.js';
import type { Block, BlockLine } from './block.js';
import { inlineJson, isInline, jsonLines } from './json-lines.js';
import { proseDiffLines } from './prose-diff-lines.js';

/** A string longer than a word is compared word by word. */
const MAX_WORD = 40;

/** Returns the exact difference at one place: by words for prose, else before and after. */
export function editBlock({ pointer, before, after }: Edit, width: number): Block {
  if (typeof before === 'string' && typeof after === 'string' && (isProse(before) || isProse(after))) {
    const heading: BlockLine = { line: { kind: 'text', text: `${placeName(pointer)}:` } };
    return { pointer, lines: [heading, ...proseDiffLines(before, after, width)] };
  }
  const removed = before === undefined ? [] : valueLines('removed', pointer, before, width);
  const added = after === undefined ? [] : valueLines('added', pointer, after, width);
  return { pointer, lines: [...removed, ...added, ...maskedNote(before, after)] };
}

function isProse(text: string): boolean {
  return text.length > MAX_WORD || /\s/.test(text);
}

function placeName(pointer: string): string {
  return pointer === '' ? 'the whole text' : makeVisible(pointer);
}

function valueLines(kind: 'added' | 'removed', pointer: string, value: JsonValue, width: number): readonly BlockLine[] {
  // `jsonLines` makes the name visible.
  const name = pointer === '' ? 'the whole value' : pointer;
  return jsonLines(name, value, width - 2).map((text) => ({ line: { kind, text } }));
}

/** Two secrets can look the same once they are masked. */
function maskedNote(before: JsonValue | undefined, after: JsonValue | undefined): readonly BlockLine[] {
  if (before === undefined || after === undefined || !isInline(before) || inlineJson(before) !== inlineJson(after))
    return [];
  return [{ line: { kind: 'note', text: '(they differ where a secret is masked)' } }];
}
