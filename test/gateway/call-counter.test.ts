import { describe, expect, test } from 'vitest';

import { type Call, CallCounter, type Entry } from '../../src/gateway/call-counter.js';
import type { CallLimits } from '../../src/model/call-limits.js';

const NONE = { perMinute: 1_000_000, atOnce: 1_000_000 };
const CALL: Call = { server: 'github', subject: 'alice', target: 'tool add' };

function limits(own: Partial<CallLimits>): CallLimits {
  return { subject: NONE, tool: NONE, server: NONE, timeoutMs: 1_000, maxRequestBytes: 1, maxResultBytes: 1, ...own };
}

function leave(entry: Entry): void {
  if (entry.kind === 'entered') entry.leave();
}

describe('each view has its own limit', () => {
  test.each<['subject' | 'tool' | 'server', Partial<Call>, Partial<Call>]>([
    ['subject', { target: 'tool sub' }, { subject: 'bob' }],
    ['tool', { subject: 'bob' }, { target: 'tool sub' }],
    ['server', { subject: 'bob', target: 'tool sub' }, { server: 'wiki' }],
  ])('%s', (limit, same, other) => {
    for (const rate of [
      { perMinute: 2, atOnce: 9 },
      { perMinute: 9, atOnce: 2 },
    ]) {
      const counter = new CallCounter();
      const enter = (own: Partial<Call>): Entry => counter.enter({ ...CALL, ...own }, limits({ [limit]: rate }), 0);
      expect([enter({}).kind, enter(same).kind]).toEqual(['entered', 'entered']);
      expect(enter({})).toMatchObject({ kind: 'full', limit });
      expect(enter(other).kind).toBe('entered');
    }
  });
});

test('room that was taken comes back with the answer, once', () => {
  const counter = new CallCounter();
  const enter = (): Entry => counter.enter(CALL, limits({ subject: { perMinute: 99, atOnce: 1 } }), 0);
  const first = enter();
  expect(enter()).toEqual({ kind: 'full', limit: 'subject', retryAfterMs: undefined });
  leave(first);
  leave(first);
  expect([enter().kind, enter().kind]).toEqual(['entered', 'full']);
});

test('a rate comes back with time, and says when', () => {
  const counter = new CallCounter();
  const at = (now: number): Entry => {
    const entry = counter.enter(CALL, limits({ subject: { perMinute: 2, atOnce: 9 } }), now);
    leave(entry);
    return entry;
  };
  expect([at(0).kind, at(0).kind]).toEqual(['entered', 'entered']);
  expect(at(0)).toEqual({ kind: 'full', limit: 'subject', retryAfterMs: 30_000 });
  expect(at(29_999)).toMatchObject({ kind: 'full', retryAfterMs: 1 });
  expect(at(30_000).kind).toBe('entered');
  // A long silence is no licence for more than a minute's calls.
  expect([at(9e9), at(9e9), at(9e9)].map(({ kind }) => kind)).toEqual(['entered', 'entered', 'full']);
});

test('a call that one limit refuses takes nothing from the others', () => {
  const counter = new CallCounter();
  const own = limits({ tool: { perMinute: 1, atOnce: 1 }, subject: { perMinute: 3, atOnce: 3 } });
  for (let count = 0; count < 9; count += 1) counter.enter(CALL, own, 0);
  expect(counter.enter({ ...CALL, target: 'tool sub' }, own, 0).kind).toBe('entered');
});

test('names that are made up without end are forgotten after a minute, and let nobody new in before', () => {
  const counter = new CallCounter();
  const enter = (subject: number, now: number): Entry =>
    counter.enter({ ...CALL, subject: String(subject) }, limits({}), now);
  for (let subject = 0; subject < 60_000; subject += 1) leave(enter(subject, 0));
  expect(counter.size).toBe(50_000);
  expect(enter(60_001, 0).kind).toBe('full');
  expect(enter(1, 0).kind).toBe('entered');
  expect(enter(60_001, 60_000).kind).toBe('entered');
  expect(counter.size).toBeLessThan(10);
});
