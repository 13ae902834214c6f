import { z } from 'zod';

import type { OutgoingAlert } from '../model/alert.js';
import type { ChangeRequest } from '../model/change-request.js';
import { CHANGE_CLASSES, URGENCIES } from '../model/drift.js';
import { SEVERITIES } from '../model/finding.js';
import { makeVisibleLines } from '../quote.js';
import { alertSubjectLine } from '../render/alert-subject-line.js';
import { linesToText } from '../render/lines-to-text.js';
import { maskSecrets } from '../render/mask-secrets.js';
import { requestLines } from '../render/request-lines.js';

/** A receiver that keeps a message of many megabytes is rare. */
const MAX_DIFF_LINES = 400;

const WIDTH = 100;

const moment = z.iso.datetime();

const request = z.strictObject({
  id: z.int(),
  server: z.string(),
  state: z.enum(['open', 'approved', 'rejected', 'superseded', 'withdrawn']),
  urgency: z.enum(URGENCIES),
  digest: z.string().describe('What an approval is bound to.'),
  openedAt: moment,
  flapping: z.boolean(),
  changes: z.array(
    z.strictObject({
      ref: z.string(),
      kind: z.enum(['added', 'removed', 'changed', 'renamed', 'reprovenanced']),
      class: z.enum(CHANGE_CLASSES),
      urgency: z.enum(URGENCIES),
      because: z.string(),
      before: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
  findings: z.array(
    z.strictObject({ rule: z.string(), ref: z.string(), severity: z.enum(SEVERITIES), message: z.string() }),
  ),
  review: z.array(z.string()).describe('Approvals that are due to be looked at again.'),
  endorsements: z.array(z.strictObject({ by: z.string(), at: moment })),
  diff: z.string().describe('The change as an approver reads it, hidden characters made visible, secrets masked.'),
});

const single = z.strictObject({
  kind: z.enum(['change-request', 'unchecked', 'unchecked-too-long', 'channel-failed', 'certificate-expires']),
  occasion: z.enum(['first', 'reminder', 'escalation']),
  urgency: z.enum(URGENCIES),
  createdAt: moment,
  title: z.string(),
  page: z.string().nullable().describe('Where it is read and decided, after signing in.'),
  server: z.string().nullable(),
  details: z.record(z.string(), z.string()),
  request: request.nullable(),
});

/** The shape of what is posted, version 1. Members may be added; none is removed or changes its meaning without another version. */
export const webhookSchema = z.strictObject({
  version: z.literal(1),
  title: z.string(),
  urgency: z.enum(URGENCIES),
  inbox: z.string().nullable(),
  alerts: z.array(single).min(1).describe('One, or everything that was gathered.'),
});

export type WebhookPayload = z.infer<typeof webhookSchema>;

type Single = z.infer<typeof single>;

/** Returns an alert as what is posted. Every string from a server has its hidden characters made visible. */
export function webhookPayload(alert: OutgoingAlert): WebhookPayload {
  return {
    version: 1,
    title: alertSubjectLine(alert),
    urgency: alert.urgency,
    inbox: alert.inbox ?? null,
    alerts: (alert.items ?? [alert]).map((item) => singleOf(item, alert.inbox)),
  };
}

function singleOf(alert: OutgoingAlert, inbox: string | undefined): Single {
  const { subject, view } = alert;
  const isRequest = subject.kind === 'change-request';
  return {
    // A digest is never inside a digest.
    kind: subject.kind === 'digest' ? 'change-request' : subject.kind,
    occasion: (isRequest ? subject.occasion : undefined) ?? 'first',
    urgency: alert.urgency,
    createdAt: alert.createdAt,
    title: alertSubjectLine(alert),
    page: isRequest && inbox !== undefined ? `${inbox}/requests/${subject.request}` : null,
    server: view?.request.server ?? ('server' in subject ? subject.server : null),
    details: detailsOf(subject),
    request:
      view === undefined
        ? null
        : requestOf(view.request, linesToText(requestLines(view, { width: WIDTH, maxLines: MAX_DIFF_LINES }))),
  };
}

function detailsOf(subject: OutgoingAlert['subject']): Readonly<Record<string, string>> {
  switch (subject.kind) {
    case 'change-request':
    case 'digest':
      return {};
    case 'unchecked':
      return { since: subject.since, code: subject.code, message: safe(subject.message) };
    case 'unchecked-too-long':
      return { since: subject.since };
    case 'channel-failed':
      return { channel: subject.channel, message: safe(subject.message) };
    case 'certificate-expires':
      return { of: subject.of, expiresAt: subject.expiresAt };
  }
}

function requestOf(one: ChangeRequest, diff: string): NonNullable<Single['request']> {
  const { id, server, state, urgency, digest, openedAt, flapping } = one;
  return {
    id,
    server,
    state,
    urgency,
    digest,
    openedAt,
    flapping,
    changes: one.changes.map((change) => ({
      ref: change.refText,
      kind: change.kind,
      class: change.class,
      urgency: change.urgency,
      because: safe(change.because),
      before: change.before ?? null,
      after: change.after ?? null,
    })),
    findings: one.findings.map(({ rule, refText, severity, message }) => ({
      rule,
      ref: refText,
      severity,
      message: safe(message),
    })),
    review: [...one.review],
    endorsements: one.endorsements.map(({ by, at }) => ({ by: safe(by), at })),
    diff,
  };
}

function safe(text: string): string {
  return makeVisibleLines(maskSecrets(text));
}
