import type { Line } from '../../render/line.js';
import { SIGN } from '../../render/lines-to-text.js';

/**
 * Returns one line of a difference. What was added or removed is also said in words for those who see neither sign nor colour.
 *
 * A direction of its own: letters written right to left must not reorder what stands around them.
 */
export function DiffLine({ line }: { readonly line: Line }) {
  const { kind } = line;
  const text = `${SIGN[kind]}${line.text}`;
  switch (kind) {
    case 'title':
      return (
        <h3 dir="ltr" class="title">
          {text}
        </h3>
      );
    case 'added':
      return (
        <ins dir="ltr" class="line">
          <span class="visually-hidden">added: </span>
          {text}
        </ins>
      );
    case 'removed':
      return (
        <del dir="ltr" class="line">
          <span class="visually-hidden">removed: </span>
          {text}
        </del>
      );
    case 'finding':
      return (
        <strong dir="ltr" class={`line finding ${line.urgency ?? ''}${isMore(line) ? ' more' : ''}`}>
          {text}
        </strong>
      );
    case 'context':
    case 'text':
    case 'note':
    case 'blank':
      return (
        <span dir="ltr" class={`line ${kind}`}>
          {text}
        </span>
      );
  }
}

/** What says more about a finding is indented under its first line. */
function isMore({ text }: Line): boolean {
  return text.startsWith(' ');
}
