import { expect, test } from 'vitest';

import type { LockCheck } from '../../src/model/lock.js';
import { parseServerId } from '../../src/model/server-id.js';
import { withPins } from '../../src/monitor/check-lock.js';

const server = parseServerId('remote');
const [A, B] = ['sha256/AAAA', 'sha256/BBBB'];
const AS_LOCKED: LockCheck = { kind: 'as-locked', server };

test('the same pins in another order are the same', () => {
  expect(withPins(AS_LOCKED, [A, B], [B, A])).toEqual({ kind: 'as-locked', server });
});

test.each([
  ['another pin', [A], [B]],
  ['a pin more', [A], [A, B]],
  ['no pin any more', [A, B], []],
])('%s is a high change', (_, locked, configured) => {
  expect(withPins(AS_LOCKED, locked, configured)).toMatchObject({
    kind: 'changed',
    requested: { urgency: 'high' },
    pinsChanged: { locked, configured },
  });
});

test('a server that could not be checked stays one', () => {
  const unchecked: LockCheck = { kind: 'unchecked', server, code: 'TLS_PIN_MISMATCH', message: 'x' };
  expect(withPins(unchecked, [A], [B])).toEqual(unchecked);
});
