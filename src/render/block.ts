import type { Finding } from '../model/finding.js';
import type { Pointer } from '../model/pointer.js';
import { findingLines } from './finding-lines.js';
import type { Line } from './line.js';
import { oneLine } from './one-line.js';

/** Lines that show one place of a definition. */
export interface Block {
  readonly pointer: Pointer;
  readonly lines: readonly BlockLine[];
}

/** `end` is how far the string at the pointer is shown with this line; absent where the line shows something else. */
export interface BlockLine {
  readonly line: Line;
  readonly end?: number;
}

/** Returns the lines of blocks, with each finding beside the line that caused it, or after the block that it is in. */
export function withFindings(blocks: readonly Block[], findings: readonly Finding[], width: number): readonly Line[] {
  const owners = findings.map((finding) => ({ finding, block: blockOf(finding, blocks) }));
  const ownedBy = (block: Block | undefined): readonly Finding[] =>
    owners.filter((owner) => owner.block === block).map(({ finding }) => finding);
  return [
    ...blocks.flatMap((block) => interleaved(block, ownedBy(block), width)),
    ...elsewhere(ownedBy(undefined), width),
  ];
}

/** The block of the deepest place that the finding is in. */
function blockOf(finding: Finding, blocks: readonly Block[]): Block | undefined {
  const around = blocks.filter(
    ({ pointer }) => finding.pointer === pointer || finding.pointer.startsWith(`${pointer}/`),
  );
  return around.toSorted((a, b) => b.pointer.length - a.pointer.length)[0];
}

function interleaved({ lines, pointer }: Block, findings: readonly Finding[], width: number): readonly Line[] {
  const placed = findings.map((finding) => ({ finding, index: lineOf(finding, lines, pointer) }));
  const findingsAt = (index: number): readonly Line[] =>
    placed.filter((one) => one.index === index).flatMap(({ finding }) => findingLines(finding, width));
  // At -1 where the block has no lines.
  return [...findingsAt(-1), ...lines.flatMap(({ line }, index) => [line, ...findingsAt(index)])];
}

function lineOf({ span, pointer }: Finding, lines: readonly BlockLine[], blockPointer: Pointer): number {
  if (span === undefined || pointer !== blockPointer) return lines.length - 1;
  const index = lines.findIndex(({ end }) => end !== undefined && end >= span.end);
  return index === -1 ? lines.length - 1 : index;
}

function elsewhere(findings: readonly Finding[], width: number): readonly Line[] {
  if (findings.length === 0) return [];
  return [
    { kind: 'text', text: 'Found where nothing changed:' },
    ...findings.flatMap((finding): readonly Line[] => [
      ...(finding.pointer === '' ? [] : [{ kind: 'text', text: `at ${oneLine(finding.pointer)}` } as const]),
      ...findingLines(finding, width),
    ]),
  ];
}
