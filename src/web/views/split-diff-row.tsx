import type { Line } from '../../render/line.js';
import type { SplitRow } from '../../render/split-lines.js';
import { DiffLine } from './diff-line.js';

/** Returns one row of a difference side by side; on a narrow screen its two sides stand below each other. */
export function SplitDiffRow({ row }: { readonly row: SplitRow }) {
  switch (row.kind) {
    case 'whole':
      return <DiffLine line={row.line} />;
    case 'same':
      return (
        <div class="pair same">
          <Side line={row.line} />
          <SecondCopy line={row.line} />
        </div>
      );
    case 'pair':
      return (
        <div class="pair">
          <Side line={row.left} />
          <Side line={row.right} />
        </div>
      );
  }
}

function Side({ line }: { readonly line: Line | undefined }) {
  return <div class={line === undefined ? 'side absent' : 'side'}>{line && <DiffLine line={line} />}</div>;
}

/** For the eye only: what is the same on both sides is read out once. */
function SecondCopy({ line }: { readonly line: Line }) {
  return (
    <div class="side" aria-hidden="true">
      <DiffLine line={line} />
    </div>
  );
}
