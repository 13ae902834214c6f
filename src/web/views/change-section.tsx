import type { RequestView } from '../../model/alert.js';
import type { Line } from '../../render/line.js';
import { SIGN } from '../../render/lines-to-text.js';
import { requestLines } from '../../render/request-lines.js';

/**
 * The browser breaks the lines, to whatever the screen is wide: lines of a fixed width would break twice on a phone. Long prose is
 * still cut into pieces, so that a finding stands near what caused it.
 */
const WIDTH = 400;

/** Returns the change itself: what render says of it, line by line, added and removed marked in words, sign and colour. */
export function ChangeSection(props: { readonly view: RequestView; readonly heading: string }) {
  return (
    <section aria-labelledby="change">
      <h2 id="change">{props.heading}</h2>
      <div class="diff">
        {withoutTitle(requestLines(props.view, { width: WIDTH })).map((line) => (
          <DiffLine line={line} />
        ))}
      </div>
    </section>
  );
}

/** The page's own heading says what the first line says. */
function withoutTitle(lines: readonly Line[]): readonly Line[] {
  const start = lines.findIndex(({ kind }, index) => index > 0 && kind !== 'blank');
  return lines.slice(Math.max(start, 0));
}

/** A direction of its own: letters written right to left must not reorder what stands around them. */
function DiffLine({ line }: { readonly line: Line }) {
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
      return <ins dir="ltr">{text}</ins>;
    case 'removed':
      return <del dir="ltr">{text}</del>;
    case 'finding':
      return (
        <strong dir="ltr" class={`finding ${line.urgency ?? ''}`}>
          {text}
        </strong>
      );
    case 'context':
    case 'text':
    case 'note':
    case 'blank':
      return (
        <span dir="ltr" class={kind}>
          {text}
        </span>
      );
  }
}
