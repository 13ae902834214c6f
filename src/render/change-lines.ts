import type { ChangeRequest } from '../model/change-request.js';
import type { ClassifiedChange } from '../model/drift.js';
import { isMalformed, shortVersion, type VersionId } from '../model/fingerprint.js';
import { type JsonValue, stringMember } from '../model/json.js';
import { quote } from '../quote.js';
import { type Block, withFindings } from './block.js';
import { definitionBlocks } from './definition-blocks.js';
import { editBlock } from './edit-block.js';
import { jsonLines } from './json-lines.js';
import type { Line } from './line.js';
import { maskSecrets } from './mask-secrets.js';
import { oneLine } from './one-line.js';
import { definitionName, summariseChange } from './summarise-change.js';
import { wrapText } from './wrap-text.js';

/** What a change is shown with: the findings, and the text of every version that it names. */
export interface ChangeView {
  readonly request: Pick<ChangeRequest, 'findings'>;
  readonly contents: ReadonlyMap<VersionId, string>;
}

/** Returns everything there is to see of one change: what, how urgent and why, which versions, and the exact difference. */
export function changeLines(change: ClassifiedChange, view: ChangeView, width: number): readonly Line[] {
  const findings = view.request.findings.filter(
    ({ refText, version }) => refText === change.refText && version === change.after,
  );
  return [
    { kind: 'title', text: `${change.urgency}: ${summariseChange(change)} (${change.class})`, urgency: change.urgency },
    ...text(oneLine(change.because), width),
    ...text(`${oneLine(change.refText)}, ${versionsOf(change)}`, width),
    ...withFindings(blocksOf(change, view, width), findings, width),
  ];
}

function versionsOf({ before, after }: ClassifiedChange): string {
  if (before === after) return `version ${short(after)}`;
  if (before === undefined) return `first version ${short(after)}`;
  return after === undefined ? `last version ${short(before)}` : `version ${short(before)} → ${short(after)}`;
}

function short(version: VersionId | undefined): string {
  return version === undefined ? 'none' : shortVersion(version);
}

function blocksOf(change: ClassifiedChange, view: ChangeView, width: number): readonly Block[] {
  switch (change.kind) {
    case 'added':
      return wholeBlocks(change, view, width);
    case 'removed':
      return [saying(`The server no longer has it.${lastDescription(change, view)}`, width)];
    case 'reprovenanced':
      return [saying('The definition is as approved, but it comes from elsewhere now.')];
    case 'renamed':
      return [
        saying(`${oneLine(change.renamedFrom ?? 'a definition that vanished')} → ${oneLine(change.refText)}`, width),
        ...editBlocks(change, view, width),
      ];
    case 'changed':
      return editBlocks(change, view, width);
  }
}

/** Enough to recognise it; it was read when it was approved. */
function lastDescription({ before }: ClassifiedChange, { contents }: ChangeView): string {
  const content = before === undefined ? undefined : contents.get(before);
  const description = content === undefined ? undefined : stringMember(readJson(content), 'description');
  return description === undefined ? '' : ` It said: ${quote(maskSecrets(description))}`;
}

/** A block of no place: findings are never in it. */
function saying(sentence: string, width = Infinity): Block {
  return { pointer: 'none', lines: text(sentence, width).map((line) => ({ line })) };
}

function editBlocks(change: ClassifiedChange, view: ChangeView, width: number): readonly Block[] {
  if (change.edits.length > 0) return change.edits.map((edit) => editBlock(edit, width));
  if (change.after !== undefined && isMalformed(change.after)) {
    return [saying('It is malformed now. As sent:'), ...wholeBlocks(change, view, width)];
  }
  return [saying('The two versions differ only in digits of a number beyond those that programs keep.')];
}

function wholeBlocks(change: ClassifiedChange, { contents }: ChangeView, width: number): readonly Block[] {
  const content = change.after === undefined ? undefined : contents.get(change.after);
  if (change.after === undefined || content === undefined) {
    return [saying(`The text of ${definitionName(change.ref)} is not kept here: read it before you decide.`)];
  }
  const value = isMalformed(change.after) ? undefined : readJson(content);
  if (value !== undefined) return definitionBlocks(value, change.ref.kind, width);
  return [
    {
      pointer: '',
      lines: jsonLines('as sent', content, width - 2).map((line) => ({ line: { kind: 'added', text: line } })),
    },
  ];
}

/** Contents are canonical JSON that was written by us; what is not is shown as text rather than not at all. */
function readJson(content: string): JsonValue | undefined {
  try {
    return JSON.parse(content) as JsonValue;
  } catch {
    // Not JSON: the caller shows it as sent.
    return undefined;
  }
}

function text(sentence: string, width: number): readonly Line[] {
  return wrapText(sentence, width).map((line) => ({ kind: 'text', text: line.text }));
}
