import type { RequestView } from '../model/alert.js';
import { reviewedVersion } from '../model/change-request.js';
import { DEFINITION_KINDS, type RefText } from '../model/definition.js';
import { isMalformed, shortVersion } from '../model/fingerprint.js';
import type { JsonValue } from '../model/json.js';
import { definitionBlocks } from './definition-blocks.js';
import { blankLine, type Line } from './line.js';
import { oneLine } from './one-line.js';
import { wrapText } from './wrap-text.js';

/** Returns every definition that is due to be looked at again, whole and as approved: nothing in it is new, so nothing is marked so. */
export function reviewLines(view: RequestView, width: number): readonly Line[] {
  const { review } = view.request;
  if (review.length === 0) return [];
  const sentence =
    'Approved before and unchanged since. What no rule blocks stays allowed until somebody rejects it here; approving renews the approval.';
  return [
    blankLine(),
    { kind: 'title', text: 'Due to be looked at again' },
    ...wrapText(sentence, width).map(({ text }): Line => ({ kind: 'text', text })),
    ...review.flatMap((refText) => [blankLine(), ...definitionLines(refText, view, width)]),
  ];
}

function definitionLines(refText: RefText, { request, contents }: RequestView, width: number): readonly Line[] {
  const version = reviewedVersion(request, refText);
  const content = version === undefined ? undefined : contents.get(version);
  const title: Line = { kind: 'title', text: oneLine(refText) };
  if (version === undefined || isMalformed(version) || content === undefined)
    return [title, { kind: 'note', text: 'its text is not kept here: read it before you decide' }];
  const blocks = definitionBlocks(JSON.parse(content) as JsonValue, kindOf(refText), width);
  const lines = blocks.flatMap((block) => block.lines.map(({ line }): Line => ({ kind: 'context', text: line.text })));
  const isBlocked = request.findings.some((finding) => finding.blocks && finding.refText === refText);
  const note: readonly Line[] = isBlocked
    ? [
        {
          kind: 'text',
          text: 'A rule blocks it by now: it stays blocked until there is a waiver; rejecting ends the approval.',
        },
      ]
    : [];
  return [title, { kind: 'text', text: `version ${shortVersion(version)}` }, ...note, ...lines];
}

/** The second part of a reference; each has one. */
function kindOf(refText: RefText): (typeof DEFINITION_KINDS)[number] {
  return DEFINITION_KINDS.find((kind) => kind === refText.split('/')[1]) ?? 'tool';
}
