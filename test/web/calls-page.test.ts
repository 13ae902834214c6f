import { afterEach, beforeEach, expect, test } from 'vitest';

import type { CallAsked } from '../../src/model/call.js';
import { parseServerId } from '../../src/model/server-id.js';
import { type Fleet, startFleet, VIEWER } from './start-fleet.js';

let fleet: Fleet;
let approver: string;

beforeEach(async () => {
  fleet = await startFleet({ 'payments-api': {}, wiki: {} });
  approver = await fleet.signIn({ role: 'approver', servers: ['*'] });
});

afterEach(() => fleet.close());

async function called(more: Partial<CallAsked> = {}): Promise<number> {
  return await fleet.deps.callLog!.asked({
    at: fleet.deps.clock.now().toISOString(),
    server: parseServerId('wiki'),
    subject: 'local',
    client: undefined,
    kind: 'tool',
    name: 'lookup',
    version: undefined,
    decision: 'passed',
    code: undefined,
    parameters: '{}',
    ...more,
  });
}

test('who called what, with its parameters and what came of it, newest first', async () => {
  const first = await called({ parameters: '{"term":"tea"}' });
  const at = fleet.deps.clock.now().toISOString();
  const answer = { at, outcome: 'result', code: undefined, durationMs: 12.3, bytes: 34, digest: 'abc' } as const;
  await fleet.deps.callLog!.answered(first, answer);
  await called({ name: 'drop', decision: 'refused', code: 'NOT_APPROVED' });
  const { status, text } = await fleet.get('/calls', approver);
  expect(status).toBe(200);
  expect([...text.matchAll(/<summary>([^<]*)</g)].map(([, what]) => what)).toEqual([
    'tool &quot;drop&quot;',
    'tool &quot;lookup&quot;',
  ]);
  expect(text).toContain('refused: NOT_APPROVED');
  expect(text).toContain('answered, 12 ms, 34 bytes');
  expect(text).toContain('{&quot;term&quot;:&quot;tea&quot;}');
});

test('what clients and models wrote is shown quoted and escaped', async () => {
  await called({
    name: '<img src=x>\u202e',
    subject: '<b>me</b>\u202e',
    parameters: JSON.stringify({ a: '</pre><script>alert(1)</script>\u202e' }),
  });
  const { text } = await fleet.get('/calls', approver);
  expect(text).not.toMatch(/<img|<script|<b>me|\u202e/);
  expect(text).toContain('&lt;img src=x&gt;');
});

test('is searched, and the address says for what', async () => {
  await called({ name: 'a' });
  await called({ name: 'b', decision: 'refused', subject: 'mallory' });
  for (const query of ['decision=refused', 'subject=mallory', 'text=b', 'decision=refused&server=wiki'])
    expect([...(await fleet.get(`/calls?${query}`, approver)).text.matchAll(/<summary>/g)]).toHaveLength(1);
  expect((await fleet.get('/calls?server=payments-api', approver)).text).toContain('No call is like that.');
  for (const query of ['decision=maybe', 'from=yesterday', 'before=x', 'server=A'])
    expect((await fleet.get(`/calls?${query}`, approver)).status).toBe(400);
});

test('long logs have pages', async () => {
  for (let count = 0; count < 51; count += 1) await called({ name: `tool-${count}`, decision: 'refused' });
  const first = await fleet.get('/calls?decision=refused', approver);
  const [, older = ''] = /href="(\/calls\?[^"]*before=\d+)"/.exec(first.text) ?? [];
  const second = await fleet.get(older.replaceAll('&amp;', '&'), approver);
  expect(second.text).toContain('tool &quot;tool-0&quot;');
  expect(second.text).toContain('<a href="/calls?decision=refused">Newest calls</a>');
});

test.each([
  ['a viewer of everything', VIEWER],
  ['an admin of some servers', { role: 'admin', servers: ['payments-*'] }],
] as const)('is refused to %s, and the bar does not lead there', async (_, grant) => {
  await called({ name: 'of-others' });
  const session = await fleet.signIn(grant);
  const { status, text } = await fleet.get('/calls', session);
  expect([status, text.includes('of-others')]).toEqual([403, false]);
  expect((await fleet.get('/servers', session)).text).not.toContain('href="/calls"');
});

test('nobody who is not signed in sees any of it', async () => {
  await called({ name: 'of-others' });
  expect((await fleet.get('/calls')).text).not.toContain('of-others');
});
