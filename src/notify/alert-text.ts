import type { OutgoingAlert, RequestView } from '../model/alert.js';
import type { ChangeRequest } from '../model/change-request.js';
import type { ChangeClass, ClassifiedChange } from '../model/drift.js';
import { makeVisibleLines } from '../quote.js';
import { alertSubjectLine } from '../render/alert-subject-line.js';
import type { Line } from '../render/line.js';
import { requestLines } from '../render/request-lines.js';

/** What an alert says, before it becomes text or HTML. Every string is safe to show: server text is quoted in it. */
export interface AlertText {
  readonly heading: string;
  readonly parts: readonly AlertPart[];
}

export type AlertPart =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'lines'; readonly lines: readonly Line[] }
  | { readonly kind: 'link'; readonly label: string; readonly url: string }
  | { readonly kind: 'commands'; readonly commands: readonly { readonly command: string; readonly does: string }[] };

/** Readable on a phone turned sideways, and in a mail program that does not wrap. */
const WIDTH = 78;

/** A first listing of hundreds of tools would fill megabytes; mail programs clip far earlier (Gmail at 102 KB). */
const MAX_LINES = 400;
const MAX_CHARACTERS = 40_000;

/** Returns what to tell a person about an alert. */
export function alertText(alert: OutgoingAlert): AlertText {
  return { heading: alertSubjectLine(alert), parts: partsOf(alert) };
}

function partsOf(alert: OutgoingAlert): readonly AlertPart[] {
  const { subject } = alert;
  switch (subject.kind) {
    case 'change-request':
      return alert.view === undefined
        ? [paragraph(`Change request ${subject.request} waits for a decision.`), decideByHand(subject.request)]
        : requestParts(alert.view, alert);
    case 'unchecked':
      return [
        paragraph(
          `The server ${subject.server} could not be checked since ${moment(subject.since)}. What it declares now is unknown: it may have changed, and it may not.`,
        ),
        paragraph(`Reason: ${subject.code}: ${oneLine(subject.message)}`),
        heading('What happens meanwhile'),
        paragraph(
          'What was approved stays allowed until the time that the configuration sets (maxUnchecked); then all of it is on hold. Checks go on, and this outage causes no further mail until then.',
        ),
        heading('What to do'),
        commands([
          [`sealwatch scan ${subject.server}`, 'tries again now and shows the whole error'],
          ['sealwatch config check', 'looks for mistakes in the configuration'],
        ]),
      ];
    case 'unchecked-too-long':
      return [
        paragraph(
          `The server ${subject.server} was last checked completely at ${moment(subject.since)}. That is too long ago to vouch for it.`,
        ),
        heading('What happens meanwhile'),
        paragraph(
          'Everything of this server is on hold. The next complete check lifts the hold from what is still as approved.',
        ),
        heading('What to do'),
        commands([[`sealwatch scan ${subject.server}`, 'tries again now and shows why it fails']]),
      ];
    case 'channel-failed':
      return [
        paragraph(
          `Alerts over the channel ${oneLine(subject.channel)} cannot be delivered: people who rely on it learn nothing.`,
        ),
        paragraph(`Reason: ${oneLine(subject.message)}`),
        heading('What happens meanwhile'),
        paragraph(
          'The alerts are kept and tried again for about a day. Nothing is approved by silence: changes stay on hold.',
        ),
        heading('What to do'),
        commands([
          ['sealwatch pending', 'lists what waits for a decision'],
          ['sealwatch config check', 'looks for mistakes in the configuration'],
        ]),
      ];
  }
}

function requestParts(view: RequestView, alert: OutgoingAlert): readonly AlertPart[] {
  const { request } = view;
  const { id, server, changes } = request;
  const count = changes.length === 1 ? 'one definition differs' : `${changes.length} definitions differ`;
  return [
    paragraph(
      `On the server ${server}, ${count} from what is approved. Change request ${id}, ${alert.urgency}, opened ${moment(request.openedAt)}.`,
    ),
    ...takenBack(request),
    heading('Why it matters'),
    { kind: 'list', items: meanings(changes) },
    heading('What changed'),
    ...changedLines(view),
    heading('What happens meanwhile'),
    paragraph(heldMeanwhile(changes)),
    ...unapprovable(request),
    heading('How to decide'),
    ...linkParts(alert),
    decideByHand(id),
  ];
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

function heldMeanwhile(changes: readonly ClassifiedChange[]): string {
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

function linkParts(alert: OutgoingAlert): readonly AlertPart[] {
  if (alert.link === undefined) return [];
  const until = alert.linkExpiresAt === undefined ? '' : ` until ${moment(alert.linkExpiresAt)}`;
  const browser = ['high', 'critical'].includes(alert.urgency)
    ? ' A change of this urgency is decided in a browser that was enrolled with `sealwatch approver add`; the link alone is not enough.'
    : '';
  return [
    { kind: 'link', label: 'Look at the change and decide', url: alert.link },
    paragraph(
      `The link is yours alone, is for exactly this change, and works once${until}. Opening it decides nothing: it shows the change, and a button decides.${browser}`,
    ),
  ];
}

function decideByHand(id: number): AlertPart {
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

function paragraph(text: string): AlertPart {
  return { kind: 'paragraph', text };
}

function heading(text: string): AlertPart {
  return { kind: 'heading', text };
}

function commands(list: readonly (readonly [string, string])[]): AlertPart {
  return { kind: 'commands', commands: list.map(([command, does]) => ({ command, does })) };
}

/** Messages are quoted where they are made; this only holds that they cannot break out of their line. */
function oneLine(text: string): string {
  return makeVisibleLines(text).replace(/[\n\t]+/g, ' ');
}

/** `2026-11-22 23:01 UTC`: seconds help nobody here. */
function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
