import { expect, test } from 'vitest';

import type { JsonValue } from '../../src/model/json.js';
import type { Tier, TierSettings } from '../../src/model/tier.js';
import { tierOf } from '../../src/policy/tier-of.js';

const NONE: TierSettings = { read: [], write: [], dangerous: [], annotations: 'approved' };

test.each<[string, JsonValue | undefined, Tier]>([
  ['no annotations', undefined, 'dangerous'],
  ['annotations that say nothing', {}, 'dangerous'],
  ['a tool that only reads', { readOnlyHint: true }, 'read'],
  ['a tool that only reads, and destroys', { readOnlyHint: true, destructiveHint: true }, 'dangerous'],
  ['a tool that only reads, and destroys nothing', { readOnlyHint: true, destructiveHint: false }, 'read'],
  ['a tool that writes, and destroys nothing', { readOnlyHint: false, destructiveHint: false }, 'write'],
  ['a tool that destroys nothing', { destructiveHint: false }, 'write'],
  ['a tool that writes', { readOnlyHint: false }, 'dangerous'],
  ['a hint that is no truth value', { readOnlyHint: 'true' }, 'dangerous'],
  ['one hint that is no truth value', { readOnlyHint: 'true', destructiveHint: false }, 'dangerous'],
  ['hints that are null', { readOnlyHint: null, destructiveHint: false }, 'dangerous'],
  ['annotations that are a list', ['readOnlyHint'], 'dangerous'],
  ['what it has not as its own', JSON.parse('{"__proto__":{"readOnlyHint":true}}') as JsonValue, 'dangerous'],
])('%s', (_, annotations, expected) => {
  expect(tierOf('t', annotations, NONE)).toBe(expected);
});

test.each<[string, Partial<TierSettings>, Tier]>([
  ['the configuration lowers what the annotations say', { read: ['get_*'] }, 'read'],
  ['and raises it', { dangerous: ['*'] }, 'dangerous'],
  ['the most dangerous of its lists counts', { read: ['*'], write: ['get_*'] }, 'write'],
  ['names are whole', { read: ['get'] }, 'write'],
  ['annotations that are not believed say nothing', { annotations: 'ignored' }, 'dangerous'],
])('%s', (_, settings, expected) => {
  expect(tierOf('get_all', { destructiveHint: false }, { ...NONE, ...settings })).toBe(expected);
});
