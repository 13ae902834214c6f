import type { OutgoingAlert } from '../model/alert.js';
import { maskSecrets } from './mask-secrets.js';
import { oneLine } from './one-line.js';
import { summariseChange } from './summarise-change.js';
import { counted } from './counted.js';

/** Mail programs show less; longer subjects are folded by some servers, wrongly by a few. */
const MAX_LENGTH = 120;

/**
 * Returns an alert in one line, urgency first: `[critical] github: tool "create_issue" changed (instruction), and 2 more`.
 *
 * Without control characters and line breaks, whatever a server is called: it becomes the header of a mail (CWE-93).
 */
export function alertSubjectLine(alert: OutgoingAlert): string {
  const line = maskSecrets(oneLine(`[${alert.urgency}] ${sentenceOf(alert)}`));
  const characters = Array.from(line);
  return characters.length <= MAX_LENGTH && line.length <= MAX_LENGTH ? line : `${cut(characters)}…`;
}

function sentenceOf(alert: OutgoingAlert): string {
  const { subject, view } = alert;
  switch (subject.kind) {
    case 'change-request':
      return view === undefined
        ? `change request ${subject.request} waits for a decision`
        : `${OCCASION[subject.occasion ?? 'first']}${requestSentence(view.request)}`;
    case 'digest':
      return digestSentence(alert.items ?? []);
    case 'unchecked':
      return `${subject.server} could not be checked: ${subject.code}`;
    case 'unchecked-too-long':
      return `${subject.server} is on hold: not checked since ${subject.since.slice(0, 16)}Z`;
    case 'channel-failed':
      return `alerts over ${subject.channel} are not delivered`;
    case 'certificate-expires':
      return `the certificate of ${certificateOwner(subject.of)} ends ${subject.expiresAt.slice(0, 10)}`;
  }
}

const OCCASION = { first: '', reminder: 'still waits: ', escalation: 'escalated: ' } as const;

/** Returns whose certificate it is. */
export function certificateOwner(of: string): string {
  return of === 'serve' ? 'the approval pages' : of;
}

function digestSentence(items: readonly OutgoingAlert[]): string {
  const requests = items.flatMap(({ view }) => (view === undefined ? [] : [view.request]));
  const servers = new Set(requests.map(({ server }) => server)).size;
  const others = items.length - requests.length;
  const parts = [
    ...(requests.length === 0
      ? []
      : [
          `${counted(requests.length, 'change')} ${requests.length === 1 ? 'waits' : 'wait'} on ${counted(servers, 'server')}`,
        ]),
    ...(others === 0 ? [] : [counted(others, requests.length === 0 ? 'alert' : 'other alert')]),
  ];
  return parts.join(', ');
}

function requestSentence({ server, changes, review, id }: NonNullable<OutgoingAlert['view']>['request']): string {
  const [first] = changes;
  if (first === undefined)
    return `${server}: ${review.length === 0 ? 'findings to review' : 'approvals to look at again'} (request ${id})`;
  const worst =
    changes.find((change) => change.urgency === 'critical') ??
    changes.find(({ urgency }) => urgency === 'high') ??
    first;
  const more = changes.length === 1 ? '' : `, and ${changes.length - 1} more`;
  return `${server}: ${summariseChange(worst)} (${worst.class})${more}`;
}

function cut(characters: readonly string[]): string {
  let text = '';
  for (const character of characters) {
    if (text.length + character.length >= MAX_LENGTH) break;
    text += character;
  }
  return text;
}
