import type { OutgoingAlert, RequestView } from '../model/alert.js';
import { careFor, type ChangeRequest } from '../model/change-request.js';
import type { ChangeClass, ClassifiedChange } from '../model/drift.js';
import type { Line } from '../render/line.js';
import { requestLines } from '../render/request-lines.js';
import { type AlertPart, commands, heading, moment, oneLine, paragraph } from './alert-part.js';

/** Readable on a phone turned sideways, and in a mail program that does not wrap. */
const WIDTH = 78;

/** A first listing of hundreds of tools would fill megabytes; mail programs clip far earlier (Gmail at 102 KB). */
const MAX_LINES = 400;
const MAX_CHARACTERS = 40_000;

/** Returns what to tell about a change request: what differs, what it means, what holds meanwhile, how to decide. */
export function requestParts(view: RequestView, alert: OutgoingAlert): readonly AlertPart[] {
  const { request } = view;
  const { id, server, changes } = request;
  return [
    ...occasionParts(alert),
    paragraph(
      `On the server ${server}, ${aboutWhat(request)}. Change request ${id}, ${alert.urgency}, opened ${moment(request.openedAt)}.`,
    ),
    ...endorsed(request),
    ...takenBack(request),
    ...(changes.length === 0 ? [] : [heading('Why it matters'), { kind: 'list', items: meanings(changes) } as const]),
    heading(changes.length === 0 ? 'What to look at' : 'What changed'),
    ...changedLines(view),
    heading('What happens meanwhile'),
    paragraph(heldMeanwhile(request)),
    ...unapprovable(request),
    heading('How to decide'),
    ...linkParts(alert),
    decideByHand(id),
  ];
}

/** Returns what a request is about, to stand after "On the server …". */
export function aboutWhat({ changes, review }: ChangeRequest): string {
  if (changes.length === 0) {
    if (review.length === 0) return 'there are findings to review';
    return review.length === 1
      ? 'one approval is to be looked at again'
      : `${review.length} approvals are to be looked at again`;
  }
  return `${changes.length === 1 ? 'one definition differs' : `${changes.length} definitions differ`} from what is approved`;
}

/** Returns why it is told again; nothing for the first time. */
export function occasionParts({ subject, view }: OutgoingAlert): readonly AlertPart[] {
  if (subject.kind !== 'change-request' || view === undefined) return [];
  const since = moment(view.request.openedAt);
  if (subject.occasion === 'reminder') return [paragraph(`A reminder: this waits for a decision since ${since}.`)];
  if (subject.occasion === undefined) return [];
  return [paragraph(`This waits for a decision since ${since}, and nobody who was told before has decided.`)];
}

/** Where two persons are needed. */
function endorsed({ endorsements }: ChangeRequest): readonly AlertPart[] {
  return endorsements.map(({ by, at }) =>
    paragraph(`${oneLine(by)} approved it at ${moment(at)}; another person has to approve it too.`),
  );
}

/** A server could show a change only for as long as nobody is told of it. */
function takenBack({ state }: ChangeRequest): readonly AlertPart[] {
  if (state !== 'withdrawn') return [];
  return [
    paragraph(
      'Before this could be sent, the server took the change back: it shows what is approved again. It was on hold.',
    ),
  ];
}

function heldMeanwhile({ changes, findings }: ChangeRequest): string {
  if (changes.length === 0)
    return findings.some(({ blocks }) => blocks)
      ? 'What a rule blocks is blocked until there is a waiver, approved or not.'
      : 'It stays allowed until a person rejects it.';
  return changes.some(({ kind }) => kind === 'reprovenanced')
    ? 'Where the server comes from differs from what was approved, so everything of it is on hold until a person decides.'
    : 'What is listed above is on hold until a person decides. Definitions that are as approved stay allowed.';
}

/** What is blocked or malformed is in the request but not in what an approval covers. */
function unapprovable({ changes, target }: ChangeRequest): readonly AlertPart[] {
  const count = changes.filter(({ refText }) => !target.has(refText)).length;
  if (count === 0) return [];
  const which = count === changes.length ? 'All of it is' : `${count} of these ${count === 1 ? 'is' : 'are'}`;
  return [paragraph(`${which} blocked by a rule or malformed, and stays on hold also when the request is approved.`)];
}

function changedLines(view: RequestView): readonly AlertPart[] {
  const all = withoutTitle(requestLines(view, { width: WIDTH }));
  const shown = cut(all);
  if (shown.length === all.length) return [{ kind: 'lines', lines: all }];
  const rest = `${all.length - shown.length} more lines are left out of this message: read them before you decide.`;
  return [{ kind: 'lines', lines: shown }, paragraph(rest)];
}

/** The message's own heading says what the first line says. */
function withoutTitle(lines: readonly Line[]): readonly Line[] {
  const start = lines.findIndex(({ kind }, index) => index > 0 && kind !== 'blank');
  return lines.slice(Math.max(start, 0));
}

function cut(lines: readonly Line[]): readonly Line[] {
  let characters = 0;
  const end = lines.findIndex(({ text }, index) => {
    characters += text.length;
    return index >= MAX_LINES || characters > MAX_CHARACTERS;
  });
  return end === -1 ? lines : lines.slice(0, end);
}

/** A channel that many read gets no link that decides, but the page that asks who is there. */
function pageParts({ inbox, subject }: OutgoingAlert): readonly AlertPart[] {
  if (inbox === undefined || subject.kind !== 'change-request') return [];
  return [
    { kind: 'link', label: 'Look at the change, sign in and decide', url: `${inbox}/requests/${subject.request}` },
  ];
}

function linkParts(alert: OutgoingAlert): readonly AlertPart[] {
  if (alert.link === undefined) return pageParts(alert);
  const until = alert.linkExpiresAt === undefined ? '' : ` until ${moment(alert.linkExpiresAt)}`;
  const browser = ['high', 'critical'].includes(alert.view === undefined ? alert.urgency : careFor(alert.view.request))
    ? ' This is decided by somebody who is signed in, or in a browser that was enrolled with `sealwatch approver add`; the link alone is not enough.'
    : '';
  return [
    { kind: 'link', label: 'Look at the change and decide', url: alert.link },
    paragraph(
      `The link is yours alone, is for exactly this change, and works once${until}. Opening it decides nothing: it shows the change, and a button decides.${browser}`,
    ),
  ];
}

/** Returns the commands that do the same. */
export function decideByHand(id: number): AlertPart {
  return commands([
    [`sealwatch diff ${id}`, 'shows the whole change'],
    [`sealwatch approve ${id}`, 'approves it, after showing it'],
    [`sealwatch reject ${id}`, 'keeps it on hold and closes the request'],
  ]);
}

/** One sentence for each class that occurs, with how often; the order is that of urgency. */
function meanings(changes: readonly ClassifiedChange[]): readonly string[] {
  const classes = (Object.keys(MEANING) as ChangeClass[]).filter((one) =>
    changes.some((change) => change.class === one),
  );
  return classes.map((one) => {
    const those = changes.filter((change) => change.class === one);
    const [first] = those;
    const because =
      those.length === 1 && first !== undefined ? `: ${oneLine(first.because)}` : ` (${those.length} definitions)`;
    return `${one}${because}. ${MEANING[one]}`;
  });
}

const MEANING: Readonly<Record<ChangeClass, string>> = {
  'hidden-text': 'A model reads characters that a person does not see.',
  instruction: 'The text tells the model what to do, beyond describing the definition.',
  identity: 'The server says that it is something else, or speaks differently to the model as a whole.',
  capability: 'The model can be asked to do more, or to pass more, than what was approved.',
  destination: 'Data can go to a place that was not named before.',
  rename: 'A definition came back under another name; approvals do not follow names.',
  narrowing: 'Less is possible than what was approved.',
  removal: 'A definition is gone. If it comes back, it is new.',
  wording: 'The text reads differently and gives no new cue to the model.',
  cosmetic: 'Only the presentation differs.',
};
