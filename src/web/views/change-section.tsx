import type { RequestView } from '../../model/alert.js';
import { requestLines } from '../../render/request-lines.js';
import { splitLines, type SplitRow } from '../../render/split-lines.js';
import { DiffLine } from './diff-line.js';
import { SplitDiffRow } from './split-diff-row.js';

/**
 * The browser breaks the lines, to whatever the screen is wide: lines of a fixed width would break twice on a phone. Long prose is
 * still cut into pieces, so that a finding stands near what caused it.
 */
const WIDTH = 400;

/** How a difference is laid out. */
export type DiffLayout = 'unified' | 'split';

interface Props {
  readonly view: RequestView;
  readonly heading: string;
  readonly layout?: DiffLayout;
  /** The page's own path, where both layouts are offered. */
  readonly path?: string;
}

/** Returns the change itself: what render says of it, line by line, added and removed marked in words, sign and colour. */
export function ChangeSection({ view, heading, layout = 'unified', path }: Props) {
  return (
    <section aria-labelledby="change">
      <h2 id="change">{heading}</h2>
      {path === undefined ? null : <Toggle layout={layout} path={path} />}
      <div class={`diff ${layout}`}>
        {layout === 'split'
          ? withoutTitle(splitLines(view, { width: WIDTH })).map((row) => <SplitDiffRow row={row} />)
          : withoutTitleLine(view).map((line) => <DiffLine line={line} />)}
      </div>
    </section>
  );
}

function Toggle({ layout, path }: { readonly layout: DiffLayout; readonly path: string }) {
  const current = (one: DiffLayout) => (one === layout ? { 'aria-current': 'true' as const } : {});
  return (
    <nav class="toggle" aria-label="Layout of the difference">
      <a href={`${path}?view=unified`} {...current('unified')}>
        Unified
      </a>
      <a href={`${path}?view=split`} {...current('split')}>
        Side by side
      </a>
    </nav>
  );
}

/** The page's own heading says what the first line says. */
function withoutTitleLine(view: RequestView) {
  const lines = requestLines(view, { width: WIDTH });
  return lines.slice(firstShown(lines.map(({ kind }) => kind === 'blank')));
}

function withoutTitle(rows: readonly SplitRow[]): readonly SplitRow[] {
  return rows.slice(firstShown(rows.map((row) => row.kind === 'whole' && row.line.kind === 'blank')));
}

function firstShown(areBlank: readonly boolean[]): number {
  return Math.max(
    areBlank.findIndex((isBlank, index) => index > 0 && !isBlank),
    0,
  );
}
