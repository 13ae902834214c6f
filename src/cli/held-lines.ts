import { shortRef } from '../integrity/definition-ref.js';
import type { ChangeRequest } from '../model/change-request.js';
import { DEFINITION_KINDS, type DefinitionKind, type DefinitionRef } from '../model/definition.js';
import { type ClassifiedChange, URGENCIES } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import { makeVisible, quote } from '../quote.js';
import { wrap } from './table.js';
import { paintUrgency, type Terminal } from './terminal.js';

/** More are counted instead of listed: `diff` shows all of them. */
const MAX_LISTED = 8;
const MAX_PLAIN = 2;

/** Writes one open request in short: what is asked, why, and what was found. */
export function printRequest(request: ChangeRequest, terminal: Terminal): void {
  const { paint } = terminal;
  const flapping = request.flapping ? paint.dim(' (goes back and forth)') : '';
  const state = request.state === 'open' ? '' : ` ${request.state}`;
  terminal.line(
    `${paint.bold(`${request.server}: request ${request.id}`)}${state}, ${paintUrgency(request.urgency, paint)}${flapping}`,
  );
  const [listed, summed] = splitForListing(request);
  if (summed.length > 0) indent(`${summed.length} new: ${kindCounts(summed)}`, 2, terminal.width, terminal);
  const shown = listed.slice(0, MAX_LISTED);
  for (const change of shown) printChange(change, request.findings, terminal);
  if (listed.length > shown.length) terminal.line(paint.dim(`  and ${listed.length - shown.length} more`));
}

/** Most urgent first. What is new and raises no finding is told as a number where there is much of it, as on first use. */
function splitForListing({ changes, findings }: ChangeRequest): readonly [Changes, Changes] {
  const sorted = [...changes].sort((a, b) => URGENCIES.indexOf(b.urgency) - URGENCIES.indexOf(a.urgency));
  const isPlain = (change: ClassifiedChange): boolean =>
    change.kind === 'added' && !findings.some(({ refText }) => refText === change.refText);
  const plain = sorted.filter(isPlain);
  return plain.length <= MAX_PLAIN ? [sorted, []] : [sorted.filter((change) => !isPlain(change)), plain];
}

type Changes = readonly ClassifiedChange[];

/** Returns how many of each kind there are: `2 tools, instructions`. */
export function kindCounts(changes: readonly { readonly ref: DefinitionRef }[]): string {
  const kinds = changes.map(({ ref }) => ref.kind);
  const counts = DEFINITION_KINDS.map((kind) => [kind, kinds.filter((one) => one === kind).length] as const);
  return counts.flatMap(([kind, count]) => (count === 0 ? [] : [KIND_NAMES[kind](count)])).join(', ');
}

const plural =
  (word: string) =>
  (count: number): string =>
    `${count} ${word}${count === 1 ? '' : 's'}`;

const KIND_NAMES: Readonly<Record<DefinitionKind, (count: number) => string>> = {
  tool: plural('tool'),
  prompt: plural('prompt'),
  resource: plural('resource'),
  'resource-template': plural('resource template'),
  instructions: () => 'instructions',
  server: () => 'what the server says about itself',
  provenance: () => 'where it comes from',
  face: (count) => `${count} shown otherwise to others`,
  posture: () => 'what it meets of the specification',
  certificate: () => 'a certificate that ends soon',
};

function printChange(change: ClassifiedChange, findings: readonly Finding[], terminal: Terminal): void {
  const { paint, width } = terminal;
  terminal.line(`  ${paintUrgency(change.urgency, paint)} ${change.class}: ${visibleRef(change.refText)}`);
  indent(change.because, 6, width, terminal);
  for (const finding of findings.filter(({ refText }) => refText === change.refText)) {
    const text = `${finding.rule} (${finding.severity}): ${finding.message}: ${quote(finding.excerpt, 100)}`;
    for (const line of wrap(text, width - 6)) terminal.line(`      ${paint.magenta(line)}`);
  }
}

/** Returns a reference as people type it; a name in it comes from a server. */
export function visibleRef(refText: string): string {
  return makeVisible(shortRef(refText));
}

function indent(text: string, by: number, width: number, terminal: Terminal): void {
  for (const line of wrap(text, width - by)) terminal.line(`${' '.repeat(by)}${line}`);
}
