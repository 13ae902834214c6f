import type { OutgoingAlert } from '../model/alert.js';
import { alertSubjectLine } from '../render/alert-subject-line.js';
import { type AlertPart, commands, heading, oneLine, paragraph } from './alert-part.js';
import { aboutWhat, occasionParts } from './request-parts.js';

/** Nobody reads more in one message; the inbox has the rest. */
const MAX_ITEMS = 100;

/** Returns several alerts as one message: of each what differs and where to read it. */
export function digestParts({ items = [], inbox }: OutgoingAlert): readonly AlertPart[] {
  const rest = items.length - MAX_ITEMS;
  return [
    paragraph('Worst first. Nothing of it is approved by waiting: what differs stays on hold until a person decides.'),
    ...(inbox === undefined ? [] : [{ kind: 'link', label: 'Look at all of it and decide', url: inbox } as const]),
    ...items.slice(0, MAX_ITEMS).flatMap((item) => itemParts(item, inbox)),
    ...(rest > 0 ? [paragraph(`${rest} more are left out of this message: the inbox has them all.`)] : []),
    heading('Without the pages'),
    commands([
      ['sealwatch pending', 'lists what waits for a decision'],
      ['sealwatch diff NUMBER', 'shows a change'],
    ]),
  ];
}

function itemParts(item: OutgoingAlert, inbox: string | undefined): readonly AlertPart[] {
  const { subject, view } = item;
  const title = heading(alertSubjectLine(item));
  if (view === undefined) return [title, ...('message' in subject ? [paragraph(oneLine(subject.message))] : [])];
  const { changes, id } = view.request;
  const lines = changes
    .slice(0, MAX_CHANGES_OF_ITEM)
    .map((change) => `${oneLine(change.refText)}: ${oneLine(change.because)}`);
  const more = changes.length - lines.length;
  const url = item.link ?? (inbox === undefined ? undefined : `${inbox}/requests/${id}`);
  return [
    title,
    ...occasionParts(item),
    ...(lines.length === 0
      ? [paragraph(`${aboutWhat(view.request)}.`)]
      : [{ kind: 'list', items: [...lines, ...(more > 0 ? [`and ${more} more`] : [])] } as const]),
    url === undefined
      ? paragraph(`Change request ${id}: sealwatch diff ${id}`)
      : { kind: 'link', label: `Look at change request ${id}`, url },
  ];
}

const MAX_CHANGES_OF_ITEM = 5;
