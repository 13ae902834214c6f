import type { OutgoingAlert } from '../model/alert.js';
import { alertSubjectLine, certificateOwner } from '../render/alert-subject-line.js';
import { type AlertPart, type AlertText, commands, heading, moment, oneLine, paragraph } from './alert-part.js';
import { digestParts } from './digest-parts.js';
import { decideByHand, requestParts } from './request-parts.js';

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
    case 'digest':
      return digestParts(alert);
    case 'certificate-expires':
      return [
        paragraph(
          `The certificate of ${oneLine(certificateOwner(subject.of))} ends at ${moment(subject.expiresAt)}. From then on it cannot be reached safely, and checks come to "could not check".`,
        ),
        heading('What to do'),
        paragraph('Renew the certificate, or ask whoever runs the server to.'),
      ];
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
