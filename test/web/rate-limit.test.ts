import { expect, test } from 'vitest';

import { createRateLimit } from '../../src/web/rate-limit.js';

function start(limit: number, windowMs: number) {
  let time = 0;
  const clock = { now: () => new Date(0), monotonicMs: () => time };
  const pass = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { rate: createRateLimit({ limit, windowMs }, clock), pass };
}

test('a window slides: what is older than it does not count', () => {
  const { rate, pass } = start(2, 1_000);
  rate.count('a');
  pass(600);
  rate.count('a');
  expect(rate.isExceeded('a')).toBe(true);
  pass(400);
  expect(rate.isExceeded('a')).toBe(false);
  rate.count('a');
  expect(rate.isExceeded('a')).toBe(true);
});

test('clients do not count for each other', () => {
  const { rate } = start(1, 1_000);
  rate.count('a');
  expect(rate.isExceeded('a')).toBe(true);
  expect(rate.isExceeded('b')).toBe(false);
});

test('a flood of addresses forgets the oldest, not the newest', () => {
  const { rate } = start(1, 1_000);
  for (let client = 0; client < 20_000; client++) rate.count(String(client));
  expect(rate.isExceeded('0')).toBe(false);
  expect(rate.isExceeded('9999')).toBe(false);
  expect(rate.isExceeded('10000')).toBe(true);
  expect(rate.isExceeded('19999')).toBe(true);
});
