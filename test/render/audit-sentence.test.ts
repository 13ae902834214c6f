import { describe, expect, test } from 'vitest';

import type { AuditType } from '../../src/model/audit.js';
import type { JsonObject } from '../../src/model/json.js';
import { auditSentence } from '../../src/render/audit-sentence.js';
import { durationText, roughDurationText } from '../../src/render/duration-text.js';

const VERSION = `v1:sha256:3f2a9c01b7de${'0'.repeat(52)}`;

describe('an entry of the audit log reads as a sentence', () => {
  test.each<[AuditType, JsonObject, string]>([
    ['store-created', { store: 'ab12' }, 'created the store ab12'],
    ['request-opened', { request: 3, server: 'github' }, 'opened request 3: github differs from what is approved'],
    ['request-superseded', { request: 3, by: 4 }, 'request 3 was replaced by request 4: the server drifted on'],
    ['request-withdrawn', { request: 3 }, 'request 3 was withdrawn: the server went back to what is approved'],
    ['request-reopened', { request: 3 }, 'opened request 3 again: the server shows the same change once more'],
    ['request-approved', { request: 3, comment: null }, 'approved request 3'],
    ['request-approved', { request: 3, comment: 'a "new"\nname' }, 'approved request 3, saying "a \\"new\\"\\nname"'],
    [
      'request-approved',
      { request: 3, only: ['a/tool/x'], comment: null },
      'approved request 3 in part, a/tool/x only',
    ],
    ['request-rejected', { request: 3, comment: 'no' }, 'rejected request 3, saying "no"'],
    ['request-endorsed', { request: 3 }, 'approved request 3 as the first of two persons'],
    ['request-told-anew', { request: 3 }, 'request 3 asks for the same, and its findings or its urgency changed'],
    ['comment', { request: 3, text: 'who asked?' }, 'wrote on request 3: "who asked?"'],
    [
      'approval',
      { ref: 'github/tool/search', version: VERSION, request: 3 },
      'approved github/tool/search, version 3f2a9c01b7de (request 3)',
    ],
    [
      'approval',
      { ref: 'github/tool/search', version: VERSION, request: null },
      'approved github/tool/search, version 3f2a9c01b7de',
    ],
    [
      'approval-ended',
      { ref: 'github/tool/search', version: VERSION },
      'ended the approval of github/tool/search, version 3f2a9c01b7de',
    ],
    ['approval-refused', { request: null, code: 'APPROVAL_REFUSED' }, 'was refused a decision: APPROVAL_REFUSED'],
    ['approval-refused', { request: 3, code: 'APPROVAL_STALE' }, 'was refused a decision on request 3: APPROVAL_STALE'],
    [
      'revoked',
      { refs: ['a/tool/1', 'a/tool/2', 'a/tool/3', 'a/tool/4'], comment: 'left' },
      'revoked a/tool/1, a/tool/2, a/tool/3 and 1 more, saying "left"',
    ],
    [
      'waiver',
      { rule: 'r1', ref: 'a/tool/x', version: VERSION, expiresAt: '2026-12-01T10:00:00.000Z', reason: 'ours' },
      'waived rule r1 on a/tool/x, version 3f2a9c01b7de, until 2026-12-01 10:00 UTC: "ours"',
    ],
    ['approver-added', { name: 'bob' }, 'added the approver bob'],
    ['approver-removed', { name: 'bob' }, 'removed the approver bob'],
    [
      'browser-enrolled',
      { name: 'bob', expiresAt: '2026-12-01T10:00:00.000Z' },
      'enrolled a browser, until 2026-12-01 10:00 UTC',
    ],
    [
      'signed-in',
      { principal: 'oidc:https://idp#7', expiresAt: '2026-12-01T10:00:00.000Z' },
      'signed in as oidc:https://idp#7, until 2026-12-01 10:00 UTC',
    ],
    ['signed-out', {}, 'signed out'],
    [
      'api-token-added',
      { name: 'ci', expiresAt: '2026-12-01T10:00:00.000Z' },
      'added the API token ci, until 2026-12-01 10:00 UTC',
    ],
    ['api-token-removed', { name: 'ci' }, 'removed the API token ci'],
    [
      'consent-given',
      {
        consent: 'q1',
        server: 'db',
        tool: 'drop',
        covers: 'call',
        subject: 'ann',
        expiresAt: '2026-12-01T10:00:00.000Z',
      },
      'allowed one call of db/drop by ann, until 2026-12-01 10:00 UTC (q1)',
    ],
    [
      'consent-refused',
      { consent: 'q1', server: 'db', tool: 'drop', covers: 'session', subject: 'ann' },
      'did not allow the calls of one session of db/drop by ann (q1)',
    ],
    ['consent-used', { consent: 'q1' }, 'let the call pass that was allowed (q1)'],
    ['call-log-began', {}, 'began a log of calls'],
    ['call-log-given-up', {}, 'gave up the log of calls, which is gone: the next call begins another'],
    ['delivery-retried', { delivery: 4, channel: 'email', recipient: 'a@b' }, 'sent alert 4 to email for a@b again'],
    ['delivery-retried', { delivery: 4, channel: 'webhook', recipient: '' }, 'sent alert 4 to webhook again'],
    [
      'link-issued',
      { request: 3, recipient: 'a@b', expiresAt: '2026-12-01T10:00:00.000Z' },
      'issued a link for request 3 to a@b, until 2026-12-01 10:00 UTC',
    ],
    ['configuration-changed', { before: null, after: 'x' }, 'the configuration is another than before'],
    ['rules-changed', { before: 'x', after: 'y' }, 'the rules are others than before'],
  ])('%s', (type, details, sentence) => {
    expect(auditSentence({ type, details })).toBe(sentence);
  });

  test('whose content was erased says so', () => {
    expect(auditSentence({ type: 'comment', details: undefined })).toBe(
      'comment: the content was erased, its digest is still in the log',
    );
  });

  test('with members that are missing or of another type does not fail', () => {
    expect(auditSentence({ type: 'approval', details: { ref: ['x'], version: 7 } })).toBe('approved ?, version ?');
  });

  test.each([
    ['a line break and an escape sequence', 'a\u001b[2J\nb', '"a\\u{1b}[2J\\nb"'],
    ['letters that turn the line around', 'a\u202eb', '"a\\u{202e}b"'],
    ['a secret', 'token=ghp_abcdefghijklmnopqrstuvwxyz0123456789', '"token=ghp_••••••••••••••••••••••••••••••••••••"'],
  ])('with %s in a text of a person or a server is safe to show', (_, text, shown) => {
    expect(auditSentence({ type: 'comment', details: { request: 1, text } })).toBe(`wrote on request 1: ${shown}`);
  });

  test('stays short whatever a server called its definition', () => {
    const sentence = auditSentence({ type: 'approval', details: { ref: 'x'.repeat(100_000), version: VERSION } });
    expect(sentence.length).toBeLessThan(400);
  });
});

describe('a length of time', () => {
  test.each([
    [0, 'less than a second', 'less than a second'],
    [999, 'less than a second', 'less than a second'],
    [1_000, '1 second', '1 second'],
    [61_000, '1 minute 1 second', '1 minute'],
    [3_600_000, '1 hour', '1 hour'],
    [2 * 86_400_000 + 3 * 3_600_000 + 5_000, '2 days 3 hours', '2 days'],
    [86_400_000 + 59_000, '1 day', '1 day'],
  ])('%i ms is %s', (ms, text, rough) => {
    expect([durationText(ms), roughDurationText(ms)]).toEqual([text, rough]);
  });
});
