import { expect, test } from 'vitest';

import type { OutgoingAlert } from '../../src/model/alert.js';
import { parseServerId } from '../../src/model/server-id.js';
import { alertSubjectLine } from '../../src/render/alert-subject-line.js';
import { makeView, type Step } from './make-view.js';

function alert(subject: OutgoingAlert['subject'], ...steps: readonly Step[]): OutgoingAlert {
  return {
    subject,
    urgency: 'critical',
    createdAt: '2026-11-22T10:00:00.000Z',
    recipient: 'alice@example.com',
    view: steps.length === 0 ? undefined : makeView(...steps),
    link: undefined,
  };
}

const server = parseServerId('github');
const since = '2026-11-22T10:00:00.000Z';

const tool = (name: string): Step => ({ name, after: { name }, class: 'capability', because: 'a new tool' });

test.each([
  [alert({ kind: 'change-request', request: 7 }, tool('a')), '[critical] github: tool "a" is new (capability)'],
  [
    alert({ kind: 'change-request', request: 7 }, tool('a'), tool('b')),
    '[critical] github: tool "a" is new (capability), and 1 more',
  ],
  [alert({ kind: 'change-request', request: 7 }), '[critical] change request 7 waits for a decision'],
  [
    alert({ kind: 'unchecked', server, since, code: 'OBSERVE_TIMEOUT', message: 'x' }),
    '[critical] github could not be checked: OBSERVE_TIMEOUT',
  ],
  [
    alert({ kind: 'unchecked-too-long', server, since }),
    '[critical] github is on hold: not checked since 2026-11-22T10:00Z',
  ],
  [alert({ kind: 'channel-failed', channel: 'email', message: 'x' }), '[critical] alerts over email are not delivered'],
])('an alert has one line: %#', (outgoing, line) => {
  expect(alertSubjectLine(outgoing)).toBe(line);
});

test.each(['a\r\nBcc: eve@collect.example', 'x'.repeat(5_000), '\u202e\u0000\u2028', '\ud83d\ude00'.repeat(400)])(
  'a name cannot break out of the line: %j',
  (name) => {
    const line = alertSubjectLine(alert({ kind: 'change-request', request: 7 }, tool(name)));
    expect(line.length).toBeLessThanOrEqual(120);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(line.startsWith('[critical] github: tool "')).toBe(true);
  },
);
